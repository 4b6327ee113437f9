"""The system calls that a sandbox may make, by machine: one table for every backend, as the kernel numbers them.

What is not here is refused: it is for those who run a machine (mounts, modules, clocks, namespaces, swap, keys), looks
into other processes or places memory for them, or has opened kernels and is needed by no method (io_uring, bpf,
userfaultfd). A number in a line counts on from its first; a hyphen stands for a call that is not allowed.
"""

# The newest call that this table has judged. Of later ones a program is told that the kernel does not know them.
NEWEST = 462


def _numbers(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    number = 0
    for word in text.split():
        if word.isdecimal():
            number = int(word)
            continue
        if word != "-":
            found[word] = number
        number += 1
    return found


X86_64 = _numbers("""
0 read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn
ioctl pread64 pwrite64 readv writev access pipe select sched_yield mremap msync mincore madvise shmget shmat shmctl
dup dup2 pause nanosleep getitimer alarm setitimer getpid sendfile socket connect accept sendto recvfrom sendmsg
recvmsg shutdown bind listen getsockname getpeername socketpair setsockopt getsockopt clone fork vfork execve exit
wait4 kill uname semget semop semctl shmdt msgget msgsnd msgrcv msgctl fcntl flock fsync fdatasync truncate ftruncate
getdents getcwd chdir fchdir rename mkdir rmdir creat link unlink symlink readlink chmod fchmod chown fchown lchown
umask gettimeofday getrlimit getrusage sysinfo times - getuid - getgid setuid setgid geteuid getegid setpgid getppid
getpgrp setsid setreuid setregid getgroups setgroups setresuid getresuid setresgid getresgid getpgid setfsuid setfsgid
getsid capget capset rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend sigaltstack utime mknod - - - statfs
fstatfs - getpriority setpriority sched_setparam sched_getparam sched_setscheduler sched_getscheduler
sched_get_priority_max sched_get_priority_min sched_rr_get_interval mlock munlock mlockall munlockall
157 prctl arch_prctl adjtimex setrlimit - sync
186 gettid readahead setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
removexattr lremovexattr fremovexattr tkill time futex sched_setaffinity sched_getaffinity set_thread_area io_setup
io_destroy io_getevents io_submit io_cancel get_thread_area - epoll_create - - remap_file_pages getdents64
set_tid_address restart_syscall semtimedop fadvise64 timer_create timer_settime timer_gettime timer_getoverrun
timer_delete - clock_gettime clock_getres clock_nanosleep exit_group epoll_wait epoll_ctl tgkill utimes
240 mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr - waitid - - - ioprio_set ioprio_get
inotify_init inotify_add_watch inotify_rm_watch - openat mkdirat mknodat fchownat futimesat newfstatat unlinkat
renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll - set_robust_list get_robust_list splice tee
sync_file_range vmsplice - utimensat epoll_pwait signalfd timerfd_create eventfd fallocate timerfd_settime
timerfd_gettime accept4 signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev rt_tgsigqueueinfo -
recvmmsg - - prlimit64 - - clock_adjtime syncfs sendmmsg - getcpu
314 sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create - - execveat - membarrier mlock2
copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq
424 pidfd_send_signal
434 pidfd_open clone3 close_range openat2 - faccessat2 - epoll_pwait2 - - landlock_create_ruleset landlock_add_rule
landlock_restrict_self - - futex_waitv - cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue
462 mseal
""")

ARM64 = _numbers("""
0 io_setup io_destroy io_submit io_cancel io_getevents setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr
listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr getcwd - eventfd2 epoll_create1 epoll_ctl
epoll_pwait dup dup3 fcntl inotify_init1 inotify_add_watch inotify_rm_watch ioctl ioprio_set ioprio_get flock mknodat
mkdirat unlinkat symlinkat linkat renameat
43 statfs fstatfs truncate ftruncate fallocate faccessat chdir fchdir - fchmod fchmodat fchownat fchown openat close -
pipe2 - getdents64 lseek read write readv writev pread64 pwrite64 preadv pwritev sendfile pselect6 ppoll signalfd4
vmsplice splice tee readlinkat newfstatat fstat sync fsync fdatasync sync_file_range timerfd_create timerfd_settime
timerfd_gettime utimensat - capget capset - exit exit_group waitid set_tid_address - futex set_robust_list
get_robust_list nanosleep getitimer setitimer - - - timer_create timer_gettime timer_getoverrun timer_settime
timer_delete - clock_gettime clock_getres clock_nanosleep - - sched_setparam sched_setscheduler sched_getscheduler
sched_getparam sched_setaffinity sched_getaffinity sched_yield sched_get_priority_max sched_get_priority_min
sched_rr_get_interval restart_syscall kill tkill tgkill sigaltstack rt_sigsuspend rt_sigaction rt_sigprocmask
rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigreturn setpriority getpriority - setregid setgid setreuid setuid
setresuid getresuid setresgid getresgid setfsuid setfsgid times setpgid getpgid getsid setsid getgroups setgroups
uname - - getrlimit setrlimit getrusage umask prctl getcpu gettimeofday - adjtimex getpid getppid getuid geteuid
getgid getegid gettid sysinfo mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr msgget msgctl
msgrcv msgsnd semget semctl semtimedop semop shmget shmctl shmat shmdt socket socketpair bind listen accept connect
getsockname getpeername sendto recvfrom setsockopt getsockopt shutdown sendmsg recvmsg readahead brk munmap mremap - -
- clone execve mmap fadvise64 - - mprotect msync mlock munlock mlockall munlockall mincore madvise remap_file_pages
240 rt_tgsigqueueinfo - accept4 recvmmsg
260 wait4 prlimit64
266 clock_adjtime syncfs - sendmmsg
274 sched_setattr sched_getattr renameat2 seccomp getrandom memfd_create - execveat - membarrier mlock2
copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx io_pgetevents rseq
424 pidfd_send_signal
434 pidfd_open clone3 close_range openat2 - faccessat2 - epoll_pwait2 - - landlock_create_ruleset landlock_add_rule
landlock_restrict_self - - futex_waitv - cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue
462 mseal
""")
