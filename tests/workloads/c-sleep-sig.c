/*
 * Copyright: (c) 2026, saferestart.k8s contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Catches SIGTERM and nothing else (SigCgt 0000000000004000), and then ends
 * with 0: as PID 1 it can be ended from inside of its container.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void end(int number)
{
    static const char message[] = "c-sleep-sig: SIGTERM, good bye\n";

    (void)number;
    /* _exit and write are allowed in a handler; exit and printf are not. */
    if (write(STDOUT_FILENO, message, sizeof message - 1) < 0)
        _exit(1);
    _exit(0);
}

int main(void)
{
    signal(SIGTERM, end);
    puts("c-sleep-sig: SIGTERM is caught");
    fflush(stdout);
    for (;;)
        pause();
}
