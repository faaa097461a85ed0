// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "signals.h"

static volatile sig_atomic_t interrupted;
static sigset_t caught;

static void on_signal(int signal)
{
	interrupted = 1;
}

void signals_catch(sigset_t *unblocked)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction before;

	sigemptyset(&caught);
	sigprocmask(SIG_BLOCK, NULL, unblocked);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		sigaction(signals[i], NULL, &before);
		if (signals[i] == SIGHUP && before.sa_handler == SIG_IGN)
			continue; /* nohup */
		signals_also(signals[i]);
	}
}

void signals_also(int signal)
{
	const struct sigaction action = { .sa_handler = on_signal };

	sigaddset(&caught, signal);
	sigprocmask(SIG_BLOCK, &caught, NULL);
	sigaction(signal, &action, NULL);
}

bool signals_came(void)
{
	sigset_t waiting;

	/* ppoll() lets none in while there is something to read. */
	sigpending(&waiting);
	sigandset(&waiting, &waiting, &caught);
	return interrupted || !sigisemptyset(&waiting);
}
