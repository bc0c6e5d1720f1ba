/** Rows of a shape after which code of its own pays: writing and compiling it takes as long as decoding some hundred rows. */
export const GENERATE_AFTER = 500
