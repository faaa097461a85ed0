/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /dev/moeai, for those who map the log or a region. */
#ifndef MOEAI_DEVICE_H
#define MOEAI_DEVICE_H

#include "error.h"

/*
 * Returns a descriptor, close-on-exec, or -errno with a text: -ENODEV no device,
 * -EACCES not allowed to read it.
 */
int device_open(int flags, struct error *e);

#endif /* MOEAI_DEVICE_H */
