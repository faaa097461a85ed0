/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of fields: checked, read as text, written from text. Pure. */
#ifndef MOEAI_VALUE_H
#define MOEAI_VALUE_H

#include <moeai/moeai.h>

#include "attr.h"
#include "error.h"

/* An attribute by its field, which may be NULL. Returns 0 or -EPROTO. */
int value_decode(const struct moeai_field *field, const struct attr *a,
		 struct moeai_value *out);

/* What a number's attribute begins with, to be compared as bytes; 0 of other types. */
uint32_t field_head(uint16_t id, uint8_t type);

/* The field of that id or name, or NULL. schema may be NULL. */
const struct moeai_field *schema_field(const struct moeai_schema *schema, uint16_t id);
const struct moeai_field *schema_find(const struct moeai_schema *schema, const char *name);

/* A payload to be sent: in place, or at data. */
struct payload {
	const void *data; /* NULL: bytes */
	size_t len;
	union {
		char bytes[256];
		uint64_t number;
	};
};

/*
 * An argument as its field's payload. Returns 0, -EINVAL, -ERANGE or -EMSGSIZE
 * with a text that says what would be right, without the argument's name.
 */
int value_encode(const struct moeai_field *field, const struct moeai_arg *arg,
		 struct payload *out, struct error *e);

/* As moeai_value_parse(). */
int value_parse(const struct moeai_field *field, const char *text, void *buf, size_t size,
		struct moeai_value *out, struct error *e);

#endif /* MOEAI_VALUE_H */
