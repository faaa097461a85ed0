// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identifier.h"

/* Keywords of C to C23 and C++ to C++20, and macros that headers or compilers have. */
static const char *const reserved[] = {
	"alignas", "alignof", "and", "and_eq", "asm", "assert", "auto", "bitand", "bitor", "bool",
	"break", "case", "catch", "char", "char16_t", "char32_t", "char8_t", "class", "co_await",
	"co_return", "co_yield", "compl", "complex", "concept", "const", "const_cast", "consteval",
	"constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
	"dynamic_cast", "else", "enum", "errno", "explicit", "export", "extern", "false", "float",
	"for", "friend", "goto", "i386", "if", "imaginary", "inline", "int", "linux", "long",
	"mutable", "namespace", "new", "noexcept", "noreturn", "not", "not_eq", "nullptr",
	"operator", "or", "or_eq", "private", "protected", "public", "register",
	"reinterpret_cast", "requires", "restrict", "return", "short", "signed", "sizeof", "static",
	"static_assert", "static_cast", "stderr", "stdin", "stdout", "struct", "switch", "template",
	"this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "typeof",
	"typeof_unqual", "union", "unix", "unsigned", "using", "virtual", "void", "volatile",
	"wchar_t", "while", "xor", "xor_eq",
};

static bool is_reserved(const char *s)
{
	for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++)
		if (!strcmp(s, reserved[i]))
			return true;
	return false;
}

static bool in(char c, char first, char last)
{
	return c >= first && c <= last;
}

static void sanitize(char *s, bool capitals)
{
	for (; *s; s++) {
		if (in(*s, 'a', 'z'))
			*s = (char)(capitals ? *s - 'a' + 'A' : *s);
		else if (!in(*s, 'A', 'Z') && !in(*s, '0', '9'))
			*s = '_';
	}
}

static const char *make(struct names *taken, bool capitals, const char *format, va_list args)
{
	char *text = NULL, *s;
	int len = vasprintf(&text, format, args);
	const char *made = NULL;

	/* Room for '_' in front, and one for each that could be taken, behind. */
	s = len < 0 ? NULL : calloc(1, (size_t)len + taken->n + 3);
	if (s) {
		sanitize(text, capitals);
		if (!in(*text, 'a', 'z') && !in(*text, 'A', 'Z'))
			strcpy(s, "x");
		strcat(s, text);
		while (is_reserved(s) || names_have(taken, s))
			strcat(s, "_");
		if (!names_add(taken, s))
			made = taken->v[taken->n - 1];
	}
	free(s);
	free(len < 0 ? NULL : text);
	return made;
}

const char *identifier_new(struct names *taken, const char *format, ...)
{
	const char *made;
	va_list args;

	va_start(args, format);
	made = make(taken, false, format, args);
	va_end(args);
	return made;
}

const char *identifier_macro(struct names *taken, const char *format, ...)
{
	const char *made;
	va_list args;

	va_start(args, format);
	made = make(taken, true, format, args);
	va_end(args);
	return made;
}
