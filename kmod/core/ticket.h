/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that await their answer, by a number that is not used again for a long
 * time: an answer finds its call or nobody, never a later owner of the port.
 */
#ifndef MOEAI_TICKET_H
#define MOEAI_TICKET_H

#include <linux/moeai.h>

struct moeai_control;
struct moeai_origin;

int moeai_tickets_init(void);
void moeai_tickets_exit(void);

/*
 * @text: the arguments, for core.command when the answer comes. Process context.
 * Returns 0, -ENOMEM, or -EBUSY: this caller has too many.
 */
int moeai_ticket_make(const struct moeai_command *command, const struct moeai_origin *origin,
		      const char *text, u32 *ticket);

/* Forget it unanswered. Returns true if it had been answered already. */
bool moeai_ticket_void(u32 ticket);

/* As moeai_answer(), of that port's call of that command (0: any command, and then any port). */
int moeai_ticket_answer(u32 ticket, u32 portid, u32 command_id, int status,
			const struct moeai_value *values, unsigned int n, gfp_t gfp);

/* All of a command that goes: answer -ECANCELED. */
void moeai_tickets_cancel(const struct moeai_command *command);

/* All of an open control file that is being closed: forget them. */
void moeai_tickets_forget(const struct moeai_control *control);

unsigned int moeai_tickets_count(void);

#endif
