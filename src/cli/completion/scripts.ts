// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's own.
import type { CompletionPlace } from './places.ts';

/** In single quotes for a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function valueFlags(places: readonly CompletionPlace[]): string[] {
  const flags = places.flatMap((place) => place.flags.filter((flag) => flag.takesValue).map((flag) => flag.word));
  return [...new Set(flags)].sort();
}

function choiceFlags(places: readonly CompletionPlace[]): Map<string, readonly string[]> {
  const flags = places.flatMap((place) => place.flags).filter((flag) => flag.choices.length > 0);
  return new Map(flags.map((flag) => [flag.word, flag.choices]));
}

/** Finds the place from the words before the cursor: the same few lines of `sh` for bash and zsh. */
function findPlace(places: readonly CompletionPlace[], words: string): string[] {
  const paths = places.map((place) => place.path).filter((path) => path !== '');
  return [
    '  local place="" skip="" word=""',
    `  for word in ${words}; do`,
    '    if [[ -n "$skip" ]]; then skip=""; continue; fi',
    '    case "$word" in',
    `      ${valueFlags(places).join('|')}) skip=1; continue ;;`,
    '      -*) continue ;;',
    '    esac',
    '    case "${place:+$place }$word" in',
    `      ${paths.map((path) => `'${path}'`).join('|')}) place="\${place:+$place }$word" ;;`,
    '    esac',
    '  done',
  ];
}

/** For `source <(groundcrew completion bash)`. */
export function bashScript(places: readonly CompletionPlace[]): string {
  const cases = places.map((place) => {
    const words = [...place.commands.map(({ word }) => word), ...place.choices];
    const flags = place.flags.map(({ word }) => word);
    return `    ${quote(place.path)}) words=${quote(words.join(' '))}; flags=${quote(flags.join(' '))}; files=${place.file ? 1 : "''"} ;;`;
  });
  const choices = [...choiceFlags(places)].map(
    ([flag, words]) => `    ${flag}) COMPREPLY=($(compgen -W ${quote(words.join(' '))} -- "$current")); return ;;`,
  );
  return [
    '# Completes groundcrew in bash.',
    '_groundcrew() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words="" flags="" files=""',
    ...findPlace(places, '"${COMP_WORDS[@]:1:COMP_CWORD-1}"'),
    '  case "$before" in',
    ...choices,
    '    --config|--data|--checkout) COMPREPLY=($(compgen -f -- "$current")); return ;;',
    '  esac',
    '  case "$place" in',
    ...cases,
    '  esac',
    '  if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$current"))',
    '  elif [[ -n "$files" ]]; then COMPREPLY=($(compgen -f -- "$current"))',
    '  else COMPREPLY=($(compgen -W "$words" -- "$current")); fi',
    '}',
    'complete -o filenames -o bashdefault -F _groundcrew groundcrew',
    '',
  ].join('\n');
}

/** For a file `_groundcrew` in zsh's `fpath`. */
export function zshScript(places: readonly CompletionPlace[]): string {
  const entry = (word: string, description: string): string => quote(`${word.replaceAll(':', '\\:')}:${description}`);
  const cases = places.map((place) => {
    const words = [
      ...place.commands.map(({ word, description }) => entry(word, description)),
      ...place.choices.map((word) => entry(word, '')),
    ];
    const flags = place.flags.map(({ word, description }) => entry(word, description));
    return `    ${quote(place.path)}) words_=(${words.join(' ')}); flags_=(${flags.join(' ')}); files_=${place.file ? 1 : "''"} ;;`;
  });
  const choices = [...choiceFlags(places)].map(
    ([flag, words]) => `    ${flag}) compadd -- ${words.join(' ')}; return ;;`,
  );
  return [
    '#compdef groundcrew',
    '# Completes groundcrew in zsh.',
    '_groundcrew() {',
    '  local -a words_ flags_',
    '  local files_=""',
    ...findPlace(places, '"${(@)words[2,CURRENT-1]}"'),
    '  case "$words[CURRENT-1]" in',
    ...choices,
    '    --config|--data|--checkout) _files; return ;;',
    '  esac',
    '  case "$place" in',
    ...cases,
    '  esac',
    '  if [[ "$words[CURRENT]" == -* ]]; then _describe flag flags_',
    '  elif [[ -n "$files_" ]]; then _files',
    '  else _describe command words_; fi',
    '}',
    'if [[ "${funcstack[1]}" == _groundcrew ]]; then _groundcrew "$@"; else compdef _groundcrew groundcrew; fi',
    '',
  ].join('\n');
}

/** For a file in fish's `completions` directory. */
export function fishScript(places: readonly CompletionPlace[]): string {
  const text = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = places.flatMap((place) => {
    const here = `-n ${text(`__groundcrew_at ${place.path}`.trimEnd())}`;
    return [
      ...place.commands.map(
        ({ word, description }) => `complete -c groundcrew -f ${here} -a ${word} -d ${text(description)}`,
      ),
      ...place.choices.map((word) => `complete -c groundcrew -f ${here} -a ${word}`),
      ...(place.file ? [`complete -c groundcrew ${here} -F`] : []),
      ...place.flags.map(({ word, description, choices, takesValue }) => {
        const name = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
        const value = choices.length > 0 ? ` -x -a ${text(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c groundcrew ${here} ${name}${value} -d ${text(description)}`;
      }),
    ];
  });
  const paths = places.map((place) => place.path).filter((path) => path !== '');
  return [
    '# Completes groundcrew in fish.',
    'function __groundcrew_at',
    '  set -l place',
    '  set -l skip',
    '  for word in (commandline -opc)[2..]',
    '    if set -q skip[1]; set -e skip; set -l skip; continue; end',
    `    switch $word`,
    `      case ${valueFlags(places).join(' ')}; set skip 1; continue`,
    "      case '-*'; continue",
    '    end',
    '    set -l longer (string join " " $place $word)',
    `    contains -- $longer ${paths.map(text).join(' ')}; and set place $place $word`,
    '  end',
    '  test "$argv" = "$place"',
    'end',
    ...lines,
    '',
  ].join('\n');
}
