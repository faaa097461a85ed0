/* SPDX-License-Identifier: GPL-2.0 */
/* Parameters and statistics of modules. */
#ifndef TESTS_PARAM_H
#define TESTS_PARAM_H

#include <stdint.h>
#include <moeai/moeai.h>

/* Of "module.name", which is there. */
uint64_t param_number(struct moeai *h, const char *name);

#endif
