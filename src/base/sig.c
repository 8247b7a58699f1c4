#include "base/sig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t stop_number;
static volatile sig_atomic_t stop_typed;
static volatile sig_atomic_t got_hup;
static volatile sig_atomic_t got_usr1;
static int wake[2] = { -1, -1 };

static void
on_signal(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	ssize_t n;

	(void)context;
	switch (number) {
	case SIGHUP:
		got_hup = 1;
		break;
	case SIGUSR1:
		got_usr1 = 1;
		break;
	default:
		if (stop_number != 0)
			_exit(128 + number);
		/* The terminal's own signals come from the kernel. */
		stop_typed = number == SIGINT && info->si_code == SI_KERNEL;
		stop_number = number;
	}
	/* A full pipe already wakes whoever polls it. */
	n = write(wake[1], "", 1);
	(void)n;
	errno = saved;
}

int
sig_init(void)
{
	static const int number[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	struct sigaction sa;

	if (wake[0] == -1 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = on_signal;
	sa.sa_flags = SA_SIGINFO;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(number) / sizeof(number[0]); i++)
		if (sigaction(number[i], &sa, NULL) == -1)
			return -1;
	return 0;
}

int
sig_fd(void)
{
	return wake[0];
}

void
sig_drain(void)
{
	char c[64];

	while (read(wake[0], c, sizeof(c)) > 0)
		continue;
}

bool
sig_stop(void)
{
	return stop_number != 0;
}

bool
sig_stop_typed(void)
{
	return stop_typed != 0;
}

int
sig_stop_number(void)
{
	return stop_number;
}

bool
sig_take_hup(void)
{
	bool was = got_hup != 0;

	got_hup = 0;
	return was;
}

bool
sig_take_usr1(void)
{
	bool was = got_usr1 != 0;

	got_usr1 = 0;
	return was;
}

void
sig_ignore_pipe(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_IGN;
	sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGPIPE, &sa, NULL);
}
