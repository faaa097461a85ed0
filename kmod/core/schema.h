/* SPDX-License-Identifier: GPL-2.0 */
/* Fields: what is true of them, and whether attributes fit them. */
#ifndef MOEAI_SCHEMA_H
#define MOEAI_SCHEMA_H

#include <linux/moeai.h>

#define MOEAI_LABELS_LEN 511 /* of a field, joined */

/* The field with that id or name, or NULL. */
const struct moeai_field *moeai_schema_field(const struct moeai_schema *schema, unsigned int id);
const struct moeai_field *moeai_schema_find(const struct moeai_schema *schema, const char *name,
					    size_t len, u16 *id);

static inline const char *moeai_field_label(const struct moeai_field *field, u32 index)
{
	u32 i;

	for (i = 0; field->labels && field->labels[i]; i++)
		if (i == index)
			return field->labels[i];
	return NULL;
}

u32 moeai_field_labels(const struct moeai_field *field);

/* 4 for u32 …; 0 where the length varies. */
unsigned int moeai_type_len(u8 type);

bool moeai_type_signed(u8 type);

/*
 * Does a module's schema make sense? Returns 0 or -EINVAL; the kernel log says
 * why, naming @owner.
 */
int moeai_schema_check(const struct moeai_schema *schema, const char *owner);

/* lower case, digits, '_', starting with a letter, shorter than MOEAI_MAX_NAME_LEN */
bool moeai_name_valid(const char *name);

/* ASCII alone, unlike ctype.h. */
static inline bool moeai_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/*
 * Check @len bytes of attributes at @head against @schema and sort them into
 * @tb, of schema->max + 1 pointers. Unknown, repeated, ill-sized and
 * out-of-range attributes, and missing ones whose fields bear a flag of @needed,
 * are refused; the text in @extack names the field. Process context, or any with
 * @extack NULL. Returns 0, -EINVAL or -ERANGE.
 */
int moeai_schema_parse(const struct moeai_schema *schema, const struct nlattr *head, int len,
		       struct nlattr **tb, u16 needed, struct netlink_ext_ack *extack);

/* A number that fits @field? Of u64, the bits of @value are the number. */
bool moeai_field_in_range(const struct moeai_field *field, s64 value);

#endif
