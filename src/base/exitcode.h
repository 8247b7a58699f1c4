/*
 * The exit codes of every program, a subset of sysexits(3). Each manual page
 * lists those its program uses.
 */
#ifndef BASE_EXITCODE_H
#define BASE_EXITCODE_H

enum exitcode {
	EXIT_OK = 0,
	EXIT_ANSWER_NO = 1,	/* only when asked a question */
	EXIT_USAGE = 64,
	EXIT_DATAERR = 65,	/* bad input seen */
	EXIT_UNAVAIL = 69,	/* a needed service cannot be had */
	EXIT_SOFT = 70,		/* a bug, or out of memory */
	EXIT_CANTCREATE = 73,
	EXIT_IO = 74,
	EXIT_TEMP = 75,		/* something is left undelivered, run again */
	EXIT_NOCREDS = 77,	/* credentials missing or refused */
	EXIT_BADCONF = 78	/* configuration or price file is wrong */
};

#endif
