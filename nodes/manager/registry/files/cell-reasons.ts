import { defineReasons } from '../../shared/reason.js';

/** Why a value of a file is not taken, and what looks wrong in one that is. No text has a password. */
export const cellReason = defineReasons({
  'cell-formula':
    "{column} {given} is a formula, which is not calculated here: save the values alone, or put an apostrophe (') in front of a text.",
  'cell-error-value': '{column} {given} is an error value of a spreadsheet.',
  'cell-stand-in':
    '{column} {given} is what a program wrote in place of a list or an object: write the values themselves.',
  'cell-shortened':
    '{column} {given} is a number that a spreadsheet shortened, and its figures are lost: make the column a text column, and fill it in again.',
  'cell-lost-character':
    '{column} {given} has the character U+FFFD, which stands for one that was lost where the file was saved or read: save it again as UTF-8, or hand it on as bytes (a Buffer) and not as text.',
  'cell-nothing':
    "{column} {given} is what programs write where there is nothing: put an apostrophe (') in front of it if the gateway is called so.",
  'cell-no-switch': '{column} {given} says neither yes nor no: write true or false.',
  'password-error-value': 'password is an error value of a spreadsheet.',
  'password-shortened':
    'password is a number that a spreadsheet shortened, and its figures are lost: fill it in again.',
  'password-formula': 'password is a formula of a spreadsheet: write the password alone.',
  'password-lost-character':
    '{column} has the character U+FFFD, which stands for one that was lost where the file was saved or read: save it again as UTF-8, or hand it on as bytes (a Buffer) and not as text.',
  // What looks wrong, or was taken otherwise than it stands there.
  'cell-read-as': '{column} {given} was read as {value}.',
  'no-value': 'nothing',
  'cell-in-nfc': '{column} {given} was read in the usual form of Unicode (NFC).',
  'cell-made-by-spreadsheet':
    '{column} {given} looks like what a spreadsheet makes of another value (a date, a number, TRUE): look whether it is right.',
  'cell-with-separator':
    '{column} {given} has what stands between cells or tags in it: look whether it is right.',
  'cell-misread':
    '{column} {given} looks as if UTF-8 had been read in another encoding before: look whether it is right.',
  'cell-apostrophe':
    '{column} {given} begins with an apostrophe, and was taken as it is: look whether it is right.',
  'name-nothing':
    '{column} {given} is what programs write where there is nothing, and was taken as it is: look whether it is right.',
  'name-unclean':
    '{column} {given} has spaces, quotes or characters that nobody sees, and was taken as it is: look whether it is right.',
  'password-apostrophe':
    'password begins with an apostrophe, and was taken as it is: look whether it is right.',
  'password-unclean':
    'password has spaces at its ends or characters that nobody sees, and was taken as it is: look whether it is right.',
});
