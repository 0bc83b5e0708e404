import { defineReasons } from '../../manager/shared/reason.js';

/** Why a browser asks for too much, or sends a file that cannot be taken. */
export const loadReason = defineReasons({
  'too-many-calls': 'Too many requests at once: wait for the answers.',
  'too-many-subscriptions': 'Your pages have too many subscriptions: close some of them.',
  'too-many-subscriptions-here': 'This page has too many subscriptions: reload it.',
  'too-many-uploads': 'Too many uploads at once: wait until the current ones end.',
  'upload-too-large': 'The file is larger than {size} MB: split it.',
  'upload-incomplete': 'The file was not received completely: send it again.',
});
