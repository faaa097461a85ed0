/* SPDX-License-Identifier: GPL-2.0 */
/* SIGINT, SIGTERM and SIGHUP, for commands that run until one comes. */
#ifndef MOECTL_SIGNALS_H
#define MOECTL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* From now on they come only while ppoll() waits, with the mask *unblocked. */
void signals_catch(sigset_t *unblocked);

/* And one more, after signals_catch(). */
void signals_also(int signal);

bool signals_came(void);

#endif /* MOECTL_SIGNALS_H */
