/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM moeai_bench

#if !defined(MOEAI_BENCH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define MOEAI_BENCH_TRACE_H

#include <linux/tracepoint.h>
#include "uapi.h"

DECLARE_TRACE(moeai_bench,
	TP_PROTO(const struct bench_fields *fields),
	TP_ARGS(fields));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
