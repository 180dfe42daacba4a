/** A label of a machine. The same pattern as in label expressions; a test holds the two together. */
export const LABEL_PATTERN = '[A-Za-z0-9][A-Za-z0-9._+/-]*';
const LABEL_WANTS = 'letters, digits and . _ + / -, beginning with a letter or a digit';

/** For a map whose keys are labels. */
export const LABEL_KEY = { key_pattern: LABEL_PATTERN, name: 'a label', wants: LABEL_WANTS } as const;
/** For a text that is a label. */
export const LABEL_TEXT = {
  pattern: LABEL_PATTERN,
  wants: `a label: ${LABEL_WANTS}`,
  maximum_characters: 100,
} as const;

/** For a map whose keys are environment variables. */
export const VARIABLE_KEY = {
  key_pattern: '[A-Za-z_][A-Za-z0-9_]*',
  name: 'the name of an environment variable',
  wants: 'letters, digits and _, not beginning with a digit',
} as const;
