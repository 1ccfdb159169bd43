/* A disk that hangs, fails or is full: what a process asks of some files goes through here.
 *
 * Loaded by LD_PRELOAD. The file that DISK_FAULT names holds at most one line, read at each call:
 *
 *     PATTERN KINDS FAULT
 *
 * PATTERN: part of a path, or of the name of a host. KINDS: letters of o(pen), r(ead), w(rite),
 * s(ync), l(ook), n(ame); h(ost): its name is looked up; t(hread): one is started, as "thread".
 * FAULT: the number of an error; 0: the call waits for as long as the line stands there; below 0:
 * for so many milliseconds.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static const int NONE = 1 << 20;

/* What the line says of a call on this path. */
static int fault(const char *path, char kind) {
    static const char *control;
    char line[512], pattern[256], kinds[16];
    int error;
    if (!control && !(control = getenv("DISK_FAULT")))
        return NONE;
    int file = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NONE;
    long size = syscall(SYS_read, file, line, sizeof line - 1);
    syscall(SYS_close, file);
    if (size <= 0 || !path || !strcmp(path, control))
        return NONE;
    line[size] = 0;
    if (sscanf(line, "%255s %15s %d", pattern, kinds, &error) != 3)
        return NONE;
    if (!strchr(kinds, kind) || !strstr(path, pattern))
        return NONE;
    return error;
}

static void rest(long milliseconds) {
    struct timespec step = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&step, NULL);
}

/* Wait as it says; the error of the call, or 0. */
static int failed(const char *path, char kind) {
    int error, kept = errno;
    while ((error = fault(path, kind)) == 0)
        rest(20);
    if (error < 0)
        rest(-error);
    errno = error > 0 && error != NONE ? error : kept;
    return error > 0 && error != NONE;
}

static int failed_file(int file, char kind) {
    char name[64], path[512];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    int kept = errno;
    long size = syscall(SYS_readlinkat, AT_FDCWD, name, path, sizeof path - 1);
    errno = kept;
    if (size <= 0 || path[0] != '/')
        return 0;
    path[size] = 0;
    return failed(path, kind);
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return failed(path, 'o') ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    MODE(flags)
    return failed(path, 'o') ? -1 : REAL(open64)(path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    MODE(flags)
    return failed(path, 'o') ? -1 : REAL(openat)(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags)
    return failed(path, 'o') ? -1 : REAL(openat64)(folder, path, flags, mode);
}
ssize_t read(int file, void *to, size_t size) {
    return failed_file(file, 'r') ? -1 : REAL(read)(file, to, size);
}
ssize_t pread(int file, void *to, size_t size, off_t at) {
    return failed_file(file, 'r') ? -1 : REAL(pread)(file, to, size, at);
}
ssize_t pread64(int file, void *to, size_t size, off64_t at) {
    return failed_file(file, 'r') ? -1 : REAL(pread64)(file, to, size, at);
}
ssize_t write(int file, const void *from, size_t size) {
    return failed_file(file, 'w') ? -1 : REAL(write)(file, from, size);
}
ssize_t pwrite(int file, const void *from, size_t size, off_t at) {
    return failed_file(file, 'w') ? -1 : REAL(pwrite)(file, from, size, at);
}
ssize_t pwrite64(int file, const void *from, size_t size, off64_t at) {
    return failed_file(file, 'w') ? -1 : REAL(pwrite64)(file, from, size, at);
}
int ftruncate(int file, off_t size) {
    return failed_file(file, 'w') ? -1 : REAL(ftruncate)(file, size);
}
int ftruncate64(int file, off64_t size) {
    return failed_file(file, 'w') ? -1 : REAL(ftruncate64)(file, size);
}
int fsync(int file) {
    return failed_file(file, 's') ? -1 : REAL(fsync)(file);
}
int fdatasync(int file) {
    return failed_file(file, 's') ? -1 : REAL(fdatasync)(file);
}
int stat(const char *path, struct stat *to) {
    return failed(path, 'l') ? -1 : REAL(stat)(path, to);
}
int stat64(const char *path, struct stat64 *to) {
    return failed(path, 'l') ? -1 : REAL(stat64)(path, to);
}
int lstat(const char *path, struct stat *to) {
    return failed(path, 'l') ? -1 : REAL(lstat)(path, to);
}
int lstat64(const char *path, struct stat64 *to) {
    return failed(path, 'l') ? -1 : REAL(lstat64)(path, to);
}
int fstatat64(int folder, const char *path, struct stat64 *to, int flags) {
    return failed(path, 'l') ? -1 : REAL(fstatat64)(folder, path, to, flags);
}
int fstat(int file, struct stat *to) {
    return failed_file(file, 'l') ? -1 : REAL(fstat)(file, to);
}
int fstat64(int file, struct stat64 *to) {
    return failed_file(file, 'l') ? -1 : REAL(fstat64)(file, to);
}
int access(const char *path, int how) {
    return failed(path, 'l') ? -1 : REAL(access)(path, how);
}
int rename(const char *from, const char *to) {
    return failed(from, 'n') ? -1 : REAL(rename)(from, to);
}
int unlink(const char *path) {
    return failed(path, 'n') ? -1 : REAL(unlink)(path);
}
int mkdir(const char *path, mode_t mode) {
    return failed(path, 'n') ? -1 : REAL(mkdir)(path, mode);
}
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **found) {
    return failed(host, 'h') ? EAI_AGAIN : REAL(getaddrinfo)(host, port, hints, found);
}
int pthread_create(pthread_t *made, const pthread_attr_t *how, void *(*work)(void *), void *with) {
    return failed("thread", 't') ? EAGAIN : REAL(pthread_create)(made, how, work, with);
}
