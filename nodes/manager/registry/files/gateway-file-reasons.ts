import { defineReasons } from '../../shared/reason.js';

/** Why a file of gateways, or a row of it, is not taken, and what is told of one that is. */
export const gatewayFileReason = defineReasons({
  // Why the whole file is not taken.
  'file-no-content': 'The file is no text. Nothing was imported.',
  'file-too-large': 'The file is larger than {size} MB: split it. Nothing was imported.',
  'file-no-csv': 'The file is not CSV: {fault}. Nothing was imported.',
  'file-empty':
    'The file is empty: its first line must name the columns, "clientid" among them. Nothing was imported.',
  'file-without-clientid':
    'The file has no column "clientid": its first line must name the columns, but has {found}. Nothing was imported.',
  'file-column-twice': 'The file has the column {name} twice. Nothing was imported.',
  'file-column-twice-as':
    'The file has the column {name} twice, as {first} and {second}. Nothing was imported.',
  'file-too-many-columns': 'The file has {count} columns, and {most} are the most. Nothing was imported.',
  'file-too-many-rows': 'The file has over {most} rows: split it. Nothing was imported.',
  'file-second-header':
    'The file has a second header on line {line}, with other columns: make a file of each. Nothing was imported.',
  'file-password-hashes':
    'The file has the columns "password" and "salt": these are hashes of passwords, as a table of users has them, and no passwords. Leave both out, and passwords are made. Nothing was imported.',
  'file-no-json': 'The file is not JSON: {fault}. Nothing was imported.',
  'file-json-too-much': 'The file is JSON, but {fault}: split it. Nothing was imported.',
  'file-json-no-list': 'The file is JSON, but no list of objects. Nothing was imported.',
  'file-json-no-gateways':
    'The file is JSON, but no list of objects, and no object that has a client id or one list. Nothing was imported.',
  'file-json-field-twice': 'The file is JSON, but it has the field {name} twice. Nothing was imported.',
  'file-too-many-lines': 'The file has over {most} lines: split it. Nothing was imported.',
  // Why one row is not taken.
  'row-too-wide': 'The row has {count} cells, but the header has {columns}.',
  'row-other-separator': 'The row has {separator} between its cells, but the header has another separator.',
  'client-id-on-two-lines': 'The client id "{clientid}" stands on line {line} already.',
  'element-no-object': 'The element is no object.',
  'element-field-twice': 'The element has the field {name} twice.',
  'value-number-not-kept': '{field} is a number that cannot be kept as it is written: put it in quotes.',
  // What was taken otherwise than it stands there, or left out.
  'file-read-as': 'The file is not UTF-8 and was read as {encoding}: look whether the names are right.',
  'file-no-rows': 'The file has a header, but no row below it.',
  'list-empty': 'The list has no elements.',
  'list-taken': 'The gateways were taken from the list {name}.',
  'file-one-page':
    'The file is one page of several, since its "next" is not null: the gateways of the others are not in it.',
  'rows-before-header': 'Rows before the header: {n}. They were left out.',
  'column-read-as': 'The column {name} was read as {column}.',
  'column-unknown': '{name} is no column that import knows ({known}): it was left out.',
  'columns-passed-over': 'Columns that import passes over, since the gateways tell them themselves: {names}.',
  'header-again': 'The header stands here again, and was left out.',
  'comment-left-out': 'A comment was left out.',
  'frame-left-out': 'A line that only frames a table was left out.',
  'number-as-text': '{field} {value} is a number and was read as text.',
  'client-id-like-another':
    'The client id "{clientid}" differs from "{other}" in the same file only in case or in what nobody sees: look whether both are meant.',
  // What is told once for all rows.
  'values-guarded':
    'Values with an apostrophe in front, which keeps spreadsheets from changing them: {n}. It was left out.',
  'values-nothing':
    'Values that programs write where there is nothing (NULL, an empty text): {n}. They were taken as left out.',
  'values-trimmed': 'Values with spaces around them: {n}. The spaces were left out.',
  'values-without-name': 'Values in column {number}, which has no name: {n}. They were left out.',
  'rows-short': 'Rows with fewer cells than the header: {n}. What is missing was taken as empty.',
  'gateways-disabled': 'Gateways that are disabled in the file: {n}. They come in disabled.',
  'gateways-in-sets':
    'Gateways that the file puts into redundancy sets: {n}. The largest set, {name}, has {most}: its gateways must be able to stand in for each other.',
});
