/*
 * Copyright: (c) 2026, saferestart.k8s contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sandbox process of a pod: it holds the pod's namespaces and, where the
 * pod shares its PID namespace, reaps the orphans. Ends on SIGINT and SIGTERM.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int number)
{
    (void)number;
    _exit(0);
}

static void reap(int number)
{
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

int main(void)
{
    signal(SIGINT, end);
    signal(SIGTERM, end);
    signal(SIGCHLD, reap);
    for (;;)
        pause();
}
