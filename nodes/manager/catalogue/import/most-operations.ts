/** The most custom operations in a database. In a file of its own, so that the reader of files is loaded in its thread alone. */
export const MAX_OPERATIONS = 2000;
