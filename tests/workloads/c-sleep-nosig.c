/*
 * Copyright: (c) 2026, saferestart.k8s contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catches no signal at all (SigCgt 0000000000000000): as PID 1 it cannot be
 * ended from inside of its container, not even by SIGKILL.
 */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    puts("c-sleep-nosig: no signal is caught");
    fflush(stdout);
    for (;;)
        pause();
}
