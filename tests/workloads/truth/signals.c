/*
 * Copyright: (c) 2026, saferestart.k8s contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * signals MODE: sleeps, and does with SIGTERM what the mode says. One program for all that differ in nothing else.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static char **arguments;
static sigset_t term, none;

static void say(const char *text)
{
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        _exit(1);
}

static void end(int number)
{
    _exit(number - SIGTERM);
}

static void end_late(int number)
{
    sleep(10);
    end(number);
}

static void log_only(int number)
{
    (void)number;
    say("SIGTERM\n");
}

/* As nginx and others upgrade themselves: the same PID, another program image. */
static void execute_again(int number)
{
    (void)number;
    execv("/proc/self/exe", arguments);
}

/* As runtimes do that only tidy up and leave the rest to the default action. */
static void raise_again(int number)
{
    signal(number, SIG_DFL);
    raise(number);
}

static void handle(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigaction(SIGTERM, &action, NULL);
}

static void block(void)
{
    pthread_sigmask(SIG_BLOCK, &term, NULL);
}

static void *wait_for_it(void *unused)
{
    int number;

    (void)unused;
    block();
    sigwait(&term, &number);
    _exit(0);
}

static void in_another_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, wait_for_it, NULL) != 0)
        exit(1);
}

static void read_descriptor(int blocked)
{
    struct signalfd_siginfo info;
    int descriptor;

    if (blocked)
        block();
    descriptor = signalfd(-1, &term, SFD_CLOEXEC);
    if (descriptor < 0 || read(descriptor, &info, sizeof info) < 0)
        exit(1);
    exit(0);
}

/* As a loop that takes signals only where it says so. */
static void take_in_ppoll(void)
{
    block();
    handle(end, 0);
    for (;;)
        ppoll(NULL, 0, NULL, &none);
}

static void take_now_and_then(void)
{
    handle(end, 0);
    for (;;) {
        block();
        sleep(2);
        pthread_sigmask(SIG_UNBLOCK, &term, NULL);
    }
}

static int is(const char *mode)
{
    return strcmp(arguments[1], mode) == 0;
}

int main(int count, char **words)
{
    if (count != 2)
        return 2;
    arguments = words;
    sigemptyset(&none);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    if (is("handler"))
        handle(end, 0);
    else if (is("slow"))
        handle(end_late, 0);
    else if (is("log"))
        handle(log_only, 0);
    else if (is("exec"))
        handle(execute_again, SA_NODEFER);
    else if (is("raise"))
        handle(raise_again, 0);
    else if (is("ignored"))
        signal(SIGTERM, SIG_IGN);
    else if (is("blocked"))
        block();
    else if (is("sigwait"))
        wait_for_it(NULL);
    else if (is("thread"))
        block(), in_another_thread();
    else if (is("thread-alone"))
        in_another_thread();
    else if (is("signalfd"))
        read_descriptor(1);
    else if (is("signalfd-alone"))
        read_descriptor(0);
    else if (is("ppoll"))
        take_in_ppoll();
    else if (is("now-and-then"))
        take_now_and_then();
    else if (!is("default"))
        return 2;
    for (;;)
        pause();
}
