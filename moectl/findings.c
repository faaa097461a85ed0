// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "findings.h"

static PRINTF(3, 4) void find(struct finding *out, enum verdict verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out->verdict = verdict;
	vsnprintf(out->text, sizeof(out->text), format, args);
	va_end(args);
}

static PRINTF(2, 3) void fix(struct finding *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->fix, sizeof(out->fix), format, args);
	va_end(args);
}

static void judge_kernel(const struct facts *f, struct finding *out)
{
	if (f->headers) {
		find(out, VERDICT_OK, "Linux %s, and the headers for it", f->release);
		return;
	}
	find(out, f->installed || f->loaded ? VERDICT_NOTE : VERDICT_PROBLEM,
	     "Linux %s, without its headers: no module can be built for it", f->release);
	fix(out, "apt-get install linux-headers-%s", f->release);
}

static void judge_file(const struct facts *f, struct finding *out)
{
	if (f->installed) {
		find(out, VERDICT_OK, "version %s in %s", f->file_version, f->path);
		return;
	}
	find(out, f->loaded ? VERDICT_NOTE : VERDICT_PROBLEM,
	     "there is no moeai.ko for this kernel%s",
	     f->loaded ? ": it was loaded from elsewhere, or has been removed since" : "");
	fix(out, "apt-get install --reinstall moeai-dkms");
}

/* What takes the loaded modules away and loads the installed ones. */
static void fix_by_reload(const struct facts *f, struct finding *out)
{
	const char *features = f->features;

	if (*features)
		fix(out, "modprobe -r %s moeai && modprobe -a %s", features, features);
	else
		fix(out, "modprobe -r moeai && modprobe moeai");
}

static void judge_loaded(const struct facts *f, struct finding *out)
{
	if (!f->loaded) {
		find(out, VERDICT_PROBLEM, "the module is not loaded");
		if (f->installed)
			fix(out, "modprobe moeai");
	} else if (f->installed && strcmp(f->build, f->file_build) != 0) {
		find(out, VERDICT_PROBLEM, "version %s is loaded, another one, %s, is installed",
		     f->version, f->file_version);
		fix_by_reload(f, out);
	} else {
		find(out, VERDICT_OK, "version %s is loaded%s%s", f->version,
		     *f->features ? ", with " : "", f->features);
	}
}

static void judge_versions(const struct facts *f, struct finding *out)
{
	const char *module = f->loaded ? f->version : f->file_version;
	bool same = !strcmp(f->moectl, f->library) &&
		    (!*module || !strcmp(module, f->library));

	if (same) {
		find(out, VERDICT_OK, "moectl and libmoeai %s%s", f->library,
		     *module ? ", as the module" : "");
		return;
	}
	find(out, VERDICT_PROBLEM, "moectl %s, libmoeai %s, module %s: they do not match",
	     f->moectl, f->library, *module ? module : "none");
	if (f->loaded && strcmp(f->version, f->library) != 0 &&
	    !strcmp(f->file_version, f->library))
		fix_by_reload(f, out);
	else
		fix(out, "apt-get install moeai-dkms moeai-tools libmoeai1");
}

static void judge_access(const struct facts *f, struct finding *out)
{
	if (!f->connection) {
		find(out, VERDICT_OK, "the kernel answers");
	} else if (f->connection == -ENODEV && f->loaded) {
		find(out, VERDICT_PROBLEM, "the module is loaded, but cannot be seen from this "
		     "network namespace: only the host's can");
		fix(out, "nsenter --net=/proc/1/ns/net moectl doctor");
	} else {
		find(out, VERDICT_PROBLEM, "%s", f->why);
	}
}

static void judge_signature(const struct facts *f, struct finding *out)
{
	const char *by = f->sig_enforce ? "module.sig_enforce" :
			 *f->lockdown ? "lockdown" : NULL;
	const char *boot = f->secure_boot ? "Secure Boot, " : "";

	if (!f->installed) {
		find(out, VERDICT_NOTE, "%ssigned modules are %s", boot,
		     by ? "required" : "not required");
	} else if (!by) {
		find(out, VERDICT_OK, "%ssigned modules are not required; this one is %s%s%s", boot,
		     *f->signer ? "signed by '" : "not", f->signer, *f->signer ? "'" : "");
	} else if (!*f->signer) {
		find(out, VERDICT_PROBLEM, "%s%s requires signed modules, and this one is not "
		     "signed; DKMS signs when it finds openssl", boot, by);
		fix(out, "apt-get install --reinstall openssl moeai-dkms");
	} else if (f->loaded || f->key_known) {
		find(out, VERDICT_OK, "%s%s requires signed modules, and this one is signed by "
		     "'%s'", boot, by, f->signer);
	} else {
		find(out, VERDICT_PROBLEM, "%s%s requires modules signed by a key that the kernel "
		     "knows, and '%s' is not one that can be seen: enroll it, reboot and confirm",
		     boot, by, f->signer);
		fix(out, "mokutil --import /var/lib/dkms/mok.pub");
	}
}

static void judge_group(const struct facts *f, struct finding *out)
{
	if (f->group) {
		find(out, VERDICT_OK, "there is a group moeai, and the caller is %s",
		     f->member ? "in it" : "not in it");
		return;
	}
	find(out, VERDICT_NOTE, "there is no group moeai, whose members may map the log");
	fix(out, "groupadd --system moeai");
}

static void judge_caller(const struct facts *f, struct finding *out)
{
	if (!f->initial_user_ns) {
		find(out, VERDICT_NOTE, "in a user namespace, whose capabilities do not count: "
		     "the status and open tables can be read, no more");
	} else if (f->net_admin && f->sys_admin) {
		find(out, VERDICT_OK, "may read events (CAP_SYS_ADMIN) and call commands "
		     "(CAP_NET_ADMIN)");
	} else {
		find(out, VERDICT_NOTE, "may read the status and open tables%s; for %s%s%s it has "
		     "no capability",
		     f->net_admin ? ", call commands" : f->sys_admin ? ", read events" : "",
		     f->sys_admin ? "" : "events (CAP_SYS_ADMIN)",
		     f->sys_admin || f->net_admin ? "" : " and ",
		     f->net_admin ? "" : "commands (CAP_NET_ADMIN)");
		fix(out, "sudo moectl doctor");
	}
}

static void judge_holders(const struct facts *f, struct finding *out)
{
	if (!f->held) {
		find(out, VERDICT_OK, "nothing keeps %s from being unloaded",
		     f->loaded ? "the modules" : "a module");
		return;
	}
	find(out, VERDICT_NOTE, "the modules cannot be unloaded: used %u times%s%s", f->held,
	     *f->holder ? ", as by a " : "", f->holder);
	fix(out, "moectl table subscribers");
}

static void judge_buffer(const struct facts *f, struct finding *out)
{
	if (f->buffer >= FACTS_BUFFER) {
		find(out, VERDICT_OK, "a monitor of this caller gets its %d KiB",
		     FACTS_BUFFER >> 10);
		return;
	}
	/* Who may not monitor has no use for it. */
	find(out, f->sys_admin && f->initial_user_ns ? VERDICT_PROBLEM : VERDICT_NOTE,
	     "a monitor of this caller would get %d KiB, not %d: net.core.rmem_max is less, and "
	     "CAP_NET_ADMIN, which may pass it, missing",
	     f->buffer >> 10, FACTS_BUFFER >> 10);
	fix(out, "sysctl -w net.core.rmem_max=%d", FACTS_BUFFER);
}

static void judge_losses(const struct facts *f, struct finding *out)
{
	if (!f->log_known) {
		find(out, VERDICT_NOTE, "cannot be asked");
	} else if (f->refused) {
		find(out, VERDICT_PROBLEM, "%" PRIu64 " events were refused, and are in no log%s%s",
		     f->refused, *f->reasons ? ": " : "", f->reasons);
		fix(out, "moectl table log --pretty");
	} else if (f->overwritten) {
		find(out, VERDICT_NOTE, "%" PRIu64 " of %" PRIu64 " events are overwritten by newer "
		     "ones; a larger log holds more", f->overwritten, f->logged);
		fix(out, "echo options moeai log_size=16777216 >/etc/modprobe.d/moeai.conf");
	} else {
		find(out, VERDICT_OK, "all %" PRIu64 " events are held", f->logged);
	}
}

static void judge_readers(const struct facts *f, struct finding *out)
{
	if (!f->readers_known) {
		find(out, VERDICT_NOTE, "cannot be asked");
	} else if (f->drops) {
		find(out, VERDICT_PROBLEM, "%" PRIu64 " messages were dropped for readers that are "
		     "too slow, most at netlink port %" PRIu32 "; libmoeai's ask for them again",
		     f->drops, f->worst);
		fix(out, "sysctl -w net.core.rmem_max=%d", 4 * FACTS_BUFFER);
	} else {
		find(out, VERDICT_OK, "%u follow the events, and have dropped none", f->readers);
	}
}

void findings_judge(const struct facts *f, struct finding out[N_FINDINGS])
{
	static const struct {
		const char *check;
		void (*judge)(const struct facts *f, struct finding *out);
	} checks[] = {
		{ "kernel", judge_kernel },	  { "file", judge_file },
		{ "module", judge_loaded },	  { "versions", judge_versions },
		{ "access", judge_access },	  { "signature", judge_signature },
		{ "group", judge_group },	  { "caller", judge_caller },
		{ "holders", judge_holders },	  { "buffer", judge_buffer },
		{ "losses", judge_losses },	  { "readers", judge_readers },
	};

	_Static_assert(sizeof(checks) / sizeof(*checks) == N_FINDINGS, "one finding of each");
	for (int i = 0; i < N_FINDINGS; i++) {
		out[i] = (struct finding){ .check = checks[i].check };
		checks[i].judge(f, &out[i]);
	}
}
