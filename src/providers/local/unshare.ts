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
hostname "$1" 2>/dev/null || echo 'The host name stays: there is no hostname program.'
ip link set lo up 2>/dev/null ||
  perl -e 'use Socket; socket(S, AF_INET, SOCK_DGRAM, 0) && ioctl(S, 0x8914, $r = pack("a16 s x22", "lo", 0x49)) || die' 2>/dev/null ||
  python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh22x", b"lo", 0x49))' 2>/dev/null ||
  echo 'The loopback interface stays down: none of ip, perl and python3 is there to bring it up.'
tops=$3
shift 3
make() { [ -d "$1" ] || mkdir -p "$1"; }
place() { if [ -d "$1" ]; then make "$2"; else make "\${2%/*}"; [ -e "$2" ] || : >"$2"; fi; }
# Remounts $1 and all below $2 read-only, and keeps the other flags: within a user namespace they are locked.
read_only() {
  while read -r id parent device source point flags rest; do
    case "$point" in *\\\\*) point=$(printf '%b' "$point") ;; esac
    case "$point" in "$1" | "$2"*) case "$flags" in
      rw,*) mount -o "remount,bind,ro,\${flags#rw,}" "$point" ;;
      rw) mount -o remount,bind,ro "$point" ;;
    esac ;; esac
  done </proc/self/mountinfo
}
mount -t tmpfs -o mode=755 root "$root"
# Else a host directory that holds the mount point would be copied into itself.
mount --make-unbindable "$root"
# All at once: starting a program is what takes the time here.
cd "$root"; set -f; IFS='
'; mkdir -p $tops; unset IFS; set +f; cd /
while [ "$1" != -- ]; do
  case "$1" in
    tree) mount --rbind -o ro "$3" "$root$2" 2>/dev/null || mount --rbind "$3" "$root$2" ;;
    seal) read_only - "$root/" ;;
    symlink) ln -s "$3" "$root$2" ;;
    directory) mkdir -p -m "$3" "$root$2" ;;
    tmpfs) make "$root$2"; mount -t tmpfs -o "$3" tmpfs "$root$2" ;;
    read_only) place "$3" "$root$2"
      mount --rbind -o ro "$3" "$root$2" 2>/dev/null || mount --rbind "$3" "$root$2"
      read_only "$root$2" "$root$2/" ;;
    writable) place "$3" "$root$2"; mount --bind "$3" "$root$2" ;;
    proc) mount -t proc proc "$root/proc" ;;
    dev)
      mount -t tmpfs -o mode=755,size=1m dev "$root/dev"
      for name in null zero full random urandom tty; do : >"$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
      mkdir "$root/dev/pts"; mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
      ln -s pts/ptmx "$root/dev/ptmx"; ln -s /proc/self/fd "$root/dev/fd"
      ln -s /proc/self/fd/0 "$root/dev/stdin"; ln -s /proc/self/fd/1 "$root/dev/stdout"; ln -s /proc/self/fd/2 "$root/dev/stderr" ;;
  esac
  shift 3
done
shift
mkdir "$root/.host"
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
  return [...new Set([...made, 'proc', 'dev'])].join('\n');
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
