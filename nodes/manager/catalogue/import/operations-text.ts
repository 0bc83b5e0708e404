import { decodeSurely, type FileContent } from '../../shared/files/decode-text.js';

/** A file of operations as text, and what its import tells beside: how it was read, where it was not UTF-8. */
export interface OperationsText {
  text: string;
  told: { encoding?: string };
}

/** Reads the content of a file of operations, in the encoding that is found or `named`. INVALID_INPUT. */
export async function readOperationsText(content: FileContent, named?: string): Promise<OperationsText> {
  const { text, encoding } = await decodeSurely(content, named);
  return { text, told: encoding === null || encoding === 'utf-8' ? {} : { encoding } };
}
