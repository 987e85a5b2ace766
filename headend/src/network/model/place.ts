/** Where an element was said: file as the importer was given it, line from 1. */
export type Place = { readonly file: string; readonly line: number };

export const placeText = ({ file, line }: Place): string => `${file}:${line}`;
