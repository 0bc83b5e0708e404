import { defineReasons } from '../shared/reason.js';

/** Why something about people, their passwords, sessions or tokens is refused. */
export const accountReason = defineReasons({
  'user-exists': 'There is a user "{user}" already: take another name.',
  'user-name-clash':
    'Another user has the name "{user}", written in another way: remove this one, and add that person under another name.',
  'user-name-reserved': '"{user}" is the administrator of this installation: choose another name.',
  'user-name-letters':
    '"name" has 1 to {most} letters, digits and . _ @ + -, and begins with a letter or digit.',
  'user-name-scripts':
    '"name" mixes letters of several scripts, of which some look alike ("{user}"): write it in one.',
  'user-full-name': '"fullName" has {most} characters at most, and no control characters.',
  'user-gone': 'This user no longer exists.',
  'user-disabled': '{user} is disabled here: ask an administrator.',
  'users-not-open':
    'The device manager is not open yet, and with it the list of users: try again in a moment.',
  'session-ended': 'The session has ended: sign in again.',
  'too-many-sign-ins': 'Too many people sign in at this moment: try again in some seconds.',
  'too-many-wrong-passwords': 'Too many wrong passwords: try again in {minutes} min.',
  'old-password-wrong': 'The old password is wrong.',
  'user-password-length': '"password" has {least} to {most} characters.',
  'password-in-environment':
    'The password of {user} is set by TPE_ADMIN_PASSWORD: change it there and restart.',
  'password-elsewhere':
    'This installation does not store your password: change it with your sign-in provider.',
  'secrets-unreadable': '{path} cannot be read: {fault}',
  'secrets-unwritable': '{path} cannot be written: {fault}',
  'token-name-unseen': 'The name of a token has letters that can be seen, in one line.',
  'token-name-taken': 'You have a token "{name}" already: take another name.',
  'token-wall-role': 'A token for the wall page has the role viewer.',
  'token-role-above': 'A token has no role above yours, which is {role}.',
  'token-owner-gone': 'There is no such user any more.',
  'token-gone': 'There is no such token any more.',
  'view-name-taken': 'You have a view "{name}" of this page already: take another name.',
  'view-name-unseen': 'The name and the filter of a view have letters that can be stored.',
  'view-gone': 'There is no such view any more.',
  'too-many-views': 'You have {count} views already: remove one that is not needed any more.',
  'too-many-tokens': 'You have {count} tokens already: revoke one that is not needed any more.',
});
