/**
 * The length of a text in Unicode code points, which is what the wire counts as characters: "é"
 * and "𝄞" are one each. Makes no list of them: a text may be as long as a body.
 */
export function codePoints(text: string): number {
  let pairs = 0;
  for (let index = 1; index < text.length; index += 1) {
    const isLow = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (isLow && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) pairs += 1;
  }
  return text.length - pairs;
}
