/* SPDX-License-Identifier: GPL-2.0 */
/* What -Wl,--wrap= makes of the library's calls: see WRAPPED in the Makefile. */
#ifndef TESTS_WRAPPED_H
#define TESTS_WRAPPED_H

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>

struct nl_sock;

int __real_genl_connect(struct nl_sock *sock);
int __real_connect(int fd, const struct sockaddr *to, socklen_t to_len);
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __real_epoll_ctl(int epoll, int op, int fd, struct epoll_event *event);
int __real_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *from,
			socklen_t *from_len);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);

int __wrap_genl_connect(struct nl_sock *sock);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t to_len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_epoll_ctl(int epoll, int op, int fd, struct epoll_event *event);
int __wrap_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *from,
			socklen_t *from_len);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);

#endif /* TESTS_WRAPPED_H */
