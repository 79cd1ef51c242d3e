/** Where relative links and pictures of a Markdown text lead, without anchors. Code is no link. */
export function linksOf(markdown: string): string[] {
  const text = markdown.replaceAll(/^( *)(`{3,})[\s\S]*?^\1\2/gm, '').replaceAll(/`[^`\n]*`/g, 'code');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!.replace(/#.*/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}
