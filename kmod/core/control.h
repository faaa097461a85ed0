/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/moeai/control and modules/<name>: a line written is a call, its answer
 * is read back from the same open file.
 *
 *   name key=value …      the call; in modules/<name> without "<name>."
 *   status 0              the answer's first line; or "status -22 why"
 *   key=value             a line for each field of the reply
 *
 * A write of a call that was refused or failed returns its errno; the text can
 * still be read. Reading modules/<name> without having written shows the
 * module's state, parameters and statistics.
 */
#ifndef MOEAI_CONTROL_H
#define MOEAI_CONTROL_H

#include <linux/proc_fs.h>

struct moeai_control;
struct sk_buff;

extern const struct proc_ops moeai_control_ops;

/* The RESPONSE of a call made through @control; takes the skb. Atomic context. */
void moeai_control_answer(struct moeai_control *control, struct sk_buff *response);

#endif
