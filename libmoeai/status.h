/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The status message. Pure; returns 0 or -EPROTO. */
#ifndef MOEAI_STATUS_H
#define MOEAI_STATUS_H

#include <moeai/moeai.h>

#include "attr.h"

int status_decode(struct attr_run attrs, struct moeai_status *out);

#endif /* MOEAI_STATUS_H */
