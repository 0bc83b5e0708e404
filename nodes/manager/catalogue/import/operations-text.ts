import { decodeSurely, type FileContent } from '../../shared/files/decode-text.js';

/** A file of operations as text. `told` has its encoding where that is not UTF-8, so that the report can say it. */
export interface OperationsText {
  text: string;
  told: { encoding?: string };
}

/** Decodes a file of operations in the encoding `named`, or else in the one that is detected. Rejects with INVALID_INPUT. */
export async function readOperationsText(content: FileContent, named?: string): Promise<OperationsText> {
  const { text, encoding } = await decodeSurely(content, named);
  return { text, told: encoding === null || encoding === 'utf-8' ? {} : { encoding } };
}
