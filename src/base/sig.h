/*
 * Signals as flags. Handlers only set a flag and write a byte to a pipe that
 * loops poll; a second INT or TERM ends the process at once.
 */
#ifndef BASE_SIG_H
#define BASE_SIG_H

#include <stdbool.h>

/* Installs handlers for INT, TERM, HUP and USR1. 0, or -1 with errno. */
int sig_init(void);

/* Readable after any of them arrived; drained by sig_drain. */
int  sig_fd(void);
void sig_drain(void);

bool sig_stop(void);		/* INT or TERM came; stays true */
int  sig_stop_number(void);	/* which one, 0 if none */
/* It was typed on the terminal, which signals every program of a pipeline. */
bool sig_stop_typed(void);
bool sig_take_hup(void);	/* true once per arrival */
bool sig_take_usr1(void);

/* SIGPIPE becomes the error EPIPE (servers and shippers). */
void sig_ignore_pipe(void);

#endif
