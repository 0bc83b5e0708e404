import { defineReasons } from '../shared/reason.js';

/** Why a field of a registration, or of a change to one, is refused. */
export const fieldReason = defineReasons({
  'field-no-text': 'The field "{field}" must be a text, not {type}.',
  'password-no-text': 'The field "{field}" must be a text.',
  'password-length': 'The field "{field}" has {length} characters, but must have {least} to {most}.',
  'field-too-long': 'The field "{field}" has {length} characters, but {most} are the most.',
  'field-blank': 'The field "{field}" must have 1 to {most} characters.',
  'field-control-characters': 'The field "{field}" must not have control characters in it.',
  'field-no-unicode': 'The field "{field}" is no valid Unicode text.',
  'field-no-switch': 'The field "{field}" must be true or false.',
  'tags-no-list': 'The field "{field}" must be a list of texts.',
  'tags-too-many': 'The field "{field}" has {count} tags, but {most} are the most.',
  'tag-with-separator':
    'The field "{field}" has {tag}, but ";" separates tags in files and cannot be in one.',
});
