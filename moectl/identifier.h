/* SPDX-License-Identifier: GPL-2.0 */
/* Names of the kernel as identifiers of C and C++. */
#ifndef MOECTL_IDENTIFIER_H
#define MOECTL_IDENTIFIER_H

#include "listing.h"

/*
 * Of a format's text: letters, digits and '_' stay, all else becomes '_'; no
 * digit stands first, no keyword or well-known macro comes out, and nothing that
 * taken has: '_' is added until it differs. Added to taken, which owns it. NULL:
 * out of memory.
 */
__attribute__((format(printf, 2, 3))) const char *identifier_new(struct names *taken,
								 const char *format, ...);

/* The same in capitals. */
__attribute__((format(printf, 2, 3))) const char *identifier_macro(struct names *taken,
								   const char *format, ...);

#endif /* MOECTL_IDENTIFIER_H */
