# Sourced by .ci/run: finds the processes that it started and that are still there. Needs GROUNDCREW_CI_RUN, its mark.

before=" $(cd /proc && echo [0-9]*) "
own_group=$(cut -d ' ' -f 5 /proc/$$/stat)

# Processes that this run started and that are still there: they carry its mark in their environment.
marked() {
  local directory
  for directory in /proc/[0-9]*; do
    is_own_helper "$directory" && continue
    tr '\0' '\n' 2>/dev/null <"$directory/environ" | grep -qx "GROUNDCREW_CI_RUN=$GROUNDCREW_CI_RUN" || continue
    [ -e "$directory/exe" ] && echo "${directory#/proc/}"
  done
  return 0
}

# Processes with a clean environment (on a node, say) that run from this checkout and were not there before.
from_here() {
  local directory
  for directory in /proc/[0-9]*; do
    [[ $before == *" ${directory#/proc/} "* ]] && continue
    is_own_helper "$directory" && continue
    tr '\0' ' ' 2>/dev/null <"$directory/cmdline" | grep -qF "$PWD/" || continue
    [ -e "$directory/exe" ] && echo "${directory#/proc/}"
  done
  return 0
}

# The shells and filters of .ci/run itself, which stand in its process group.
is_own_helper() {
  [ "$(cut -d ' ' -f 5 "$1/stat" 2>/dev/null)" = "$own_group" ] || return 1
  case "$(cat "$1/comm" 2>/dev/null)" in run | bash | tr | grep | cut | cat | sort) return 0 ;; *) return 1 ;; esac
}

no_leftovers() {
  local mine left
  sleep 1
  mine=$(marked | tr '\n' ' ')
  left=$( (printf '%s\n' $mine; from_here) | sort -un | tr '\n' ' ')
  [ -n "${left// /}" ] || { echo 'no process is left'; return 0; }
  echo 'left behind:'
  ps -o pid,ppid,stat,lstart,args -p "$(echo $left | tr ' ' ',')" || true
  # Only what carries the mark is surely of this run.
  [ -z "${mine// /}" ] || kill -KILL $mine 2>/dev/null || true
  return 1
}
