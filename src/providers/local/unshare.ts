import { INSIDE } from './places.ts';
import type { ViewStep } from './view.ts';

const NAMESPACES = ['--pid', '--mount', '--net', '--ipc', '--uts', '--cgroup', '--fork', '--propagation', 'private'];

/**
 * Puts a node's root directory together and goes there, then becomes the boot script. Arguments: host name, mount
 * point, directories to make in it, view steps of three words each, `--`, command. It tells its pid on descriptor 3, as the host numbers it.
 */
const SCRIPT = `
set -e
umask 022
read -r pid rest </proc/self/stat
echo "first $pid" >&3
root=$2
# What mount --all finds under the same name at the same place, it takes for mounted: no mount of the host has this one.
own=groundcrew-$1
hostname "$1" 2>/dev/null || echo 'The host name stays: there is no hostname program.'
ip link set lo up 2>/dev/null ||
  perl -e 'use Socket; socket(S, AF_INET, SOCK_DGRAM, 0) && ioctl(S, 0x8914, $r = pack("a16 s x22", "lo", 0x49)) || die' 2>/dev/null ||
  python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh22x", b"lo", 0x49))' 2>/dev/null ||
  echo 'The loopback interface stays down: none of ip, perl and python3 is there to bring it up.'
tops=$3
shift 3
new_line='
'
# Pending until flush: starting a program is what takes the time here, so what can wait is done by one for all.
user=$(id -u)
lines= targets=$new_line sealed=$new_line directories= files= modes=
# Is $1, or a directory above it, one of the lines of $2?
within() {
  at=$1
  while [ -n "$at" ]; do
    case "$2" in *"$new_line$at$new_line"*) return 0 ;; esac
    at=\${at%/*}
  done
  return 1
}
# As fstab(5) writes it.
field() {
  field=$1
  case "$1" in *[!A-Za-z0-9_./@:,=+-]*) field=$(printf %s "$1" | od -An -v -to1 | tr -d '\\n' | sed 's/ /\\\\/g') ;; esac
}
plain() {
  plain=$1
  case "$1" in *\\\\*) plain=$(printf '%b' "$(printf %s "$1" | sed 's/\\\\/\\\\0/g')") ;; esac
}
# Only root may say --all.
mount_lines() {
  if [ "$user" = 0 ]; then
    printf %s "$1" >"$root/.view"
    mount -a -T "$root/.view"
  else
    while read -r source point type options rest; do
      plain "$source"; source=$plain
      plain "$point"
      [ -z "$source" ] || mount -t "$type" -o "$options" "$source" "$plain"
    done <<END
$1
END
  fi
}
each_line() { IFS=$new_line; set -f; }
words() { unset IFS; set +f; }
flush() {
  each_line
  [ -z "$directories" ] || mkdir -p $directories
  for file in $files; do [ -e "$file" ] || : >"$file"; done
  for mode in $modes; do chmod "\${mode%% *}" "\${mode#* }"; done
  words
  [ -z "$lines" ] || mount_lines "$lines"
  [ "$sealed" = "$new_line" ] || seal
  lines= targets=$new_line sealed=$new_line directories= files= modes=
}
# Remounts what is read-only, with all below it, and keeps the other flags: within a user namespace they are locked.
seal() {
  lines=
  while read -r id parent device source point flags rest; do
    plain "$point"
    case "$flags" in rw*)
      if within "$plain" "$sealed"; then
        lines="\${lines}$own $point none remount,bind,ro\${flags#rw} 0 0$new_line"
      fi ;;
    esac
  done </proc/self/mountinfo
  [ -z "$lines" ] || mount_lines "$lines"
}
# What lies within a pending mount comes after it.
after() { if within "$root$1" "$targets"; then flush; fi; }
made() { [ -d "$1" ] || directories="$directories$1$new_line"; }
# Arguments: target, source, type, options.
pend() {
  after "$1"
  if [ "$3" = none ] && [ ! -d "$2" ]; then made "$root\${1%/*}"; files="$files$root$1$new_line"; else made "$root$1"; fi
  targets="$targets$root$1$new_line"
  field "$2"; lines="$lines$field"
  field "$root$1"; lines="$lines $field $3 $4 0 0$new_line"
}
mount -t tmpfs -o mode=755 root "$root"
# Else a host directory that holds the mount point would be copied into itself.
mount --make-unbindable "$root"
cd "$root"; each_line; mkdir -p $tops; words; cd /
links=
while [ "$1" != -- ]; do
  case "$1" in
    tree | read_only) pend "$2" "$3" none rbind; sealed="$sealed$root$2$new_line" ;;
    writable) pend "$2" "$3" none bind ;;
    seal)
      flush
      each_line; [ -z "$links" ] || ln -s $links "$root"; words ;;
    symlink)
      if [ "$2" = "/\${3##*/}" ]; then links="$links$3$new_line"; else ln -s "$3" "$root$2"; fi ;;
    directory)
      after "$2"; made "$root$2"
      [ "$3" = 0755 ] || modes="$modes$3 $root$2$new_line" ;;
    tmpfs) pend "$2" "$own" tmpfs "$3" ;;
    proc) pend /proc proc proc defaults ;;
    dev)
      pend /dev "$own" tmpfs mode=755,size=1m
      for name in null zero full random urandom tty; do pend "/dev/$name" "/dev/$name" none bind; done
      pend /dev/pts devpts devpts newinstance,ptmxmode=0666,mode=620
      ln -s pts/ptmx /proc/self/fd "$root/dev"
      ln -s /proc/self/fd/0 "$root/dev/stdin"; ln -s /proc/self/fd/1 "$root/dev/stdout"; ln -s /proc/self/fd/2 "$root/dev/stderr" ;;
  esac
  shift 3
done
shift
flush
rm -f "$root/.view"
cd "$root"
pivot_root . .host
cd /
umount -l /.host
rmdir /.host
mount -o remount,bind,ro /
# What the mount programs keep for themselves.
rm -rf /run/mount
exec "$@"
`;

function words(step: ViewStep): [string, string, string] {
  switch (step.kind) {
    case 'tree':
    case 'read_only':
    case 'writable':
      return [step.kind, step.target, step.source];
    case 'symlink':
      return [step.kind, step.target, step.to];
    case 'directory':
      return [step.kind, step.target, step.mode];
    case 'tmpfs': {
      const size = step.size_bytes === null ? '' : `,size=${step.size_bytes}`;
      return [step.kind, step.target, `mode=${step.mode}${size}`];
    }
    case 'proc':
    case 'dev':
    case 'seal':
      return [step.kind, '', ''];
  }
}

/** Directories that the empty root directory needs, relative and one a line. */
function topDirectories(view: readonly ViewStep[]): string {
  const made = view.flatMap((step) => ('target' in step && step.kind !== 'symlink' ? [step.target.split('/')[1]] : []));
  return [...new Set([...made, 'proc', 'dev', '.host'])].join('\n');
}

/** Arguments before the command that `unshare` runs in a node. With two users it is started by (a namespace's) root. */
export function unshareArguments(
  unshare: string,
  options: { view: readonly ViewStep[]; hostname: string; two_users: boolean; mount_point: string },
): string[] {
  return [
    unshare,
    // With one user it makes its own user namespace, and keeps the capabilities in it until the view is complete.
    ...(options.two_users ? [] : ['--map-current-user', '--keep-caps']),
    ...NAMESPACES,
    'sh',
    '-c',
    SCRIPT,
    'view',
    options.hostname,
    options.mount_point,
    topDirectories(options.view),
    ...options.view.flatMap(words),
    '--',
  ];
}

const PAYLOAD_SCRIPT = `
mount -n -t tmpfs -o mode=755,size=1m tmpfs ${INSIDE.private} &&
  exec "$@"
`;

/** The payload of a node with one user: it sees neither the agent's process nor its files nor the server's socket. */
export function unsharePayload(unshare: string, without_capabilities: readonly string[]): string[] {
  const namespaces = [
    '--map-current-user',
    '--keep-caps',
    '--pid',
    '--mount',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  return [unshare, ...namespaces, 'sh', '-c', PAYLOAD_SCRIPT, 'payload', ...without_capabilities];
}
