// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"
#include "where.h"

int where_add(struct where *w, char *word)
{
	char *equals = strchr(word, '=');
	void *v;

	if (!equals || equals == word)
		return -EINVAL;
	v = realloc(w->v, (w->n + 1) * sizeof(*w->v));
	if (!v)
		return -ENOMEM;
	w->v = v;
	*equals = '\0';
	w->v[w->n].column = word;
	w->v[w->n++].value = equals + 1;
	return 0;
}

void where_free(struct where *w)
{
	free(w->v);
	*w = (struct where){ 0 };
}

const char *where_unknown(const struct where *w, const struct moeai_schema *schema)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t j = 0;

		while (j < schema->n_fields && strcmp(schema->fields[j].name, w->v[i].column))
			j++;
		if (j == schema->n_fields)
			return w->v[i].column;
	}
	return NULL;
}

bool where_matches(const struct where *w, const struct fields *row)
{
	bool same = true;

	for (size_t i = 0; same && i < w->n; i++) {
		const struct moeai_value *v = fields_get(row, w->v[i].column);
		char *text = v ? show_plain(v, 0) : strdup("");

		same = text && !strcmp(text, w->v[i].value);
		free(text);
	}
	return same;
}
