import { expect, it } from 'vitest';
import { obstacles } from './check-release.js';
import { moved } from './set-repository.js';

const address = 'git+https://github.com/owner/name.git';

it('a release waits for pending changesets', () => {
  expect(obstacles(['config.json', 'README.md'], address, 'owner/name')).toEqual([]);
  expect(obstacles(['config.json', 'new.md'], address, 'owner/name')).toEqual([
    expect.stringMatching(/no changeset may be pending, got new\.md\. Run npm run version-packages/),
  ]);
});

it('a release comes from the repository that the manifests name', () => {
  expect(obstacles([], address, undefined)).toEqual([]);
  expect(obstacles([], address, 'other/name')).toEqual([expect.stringMatching(/set-repository\.js other\/name/)]);
});

it('a repository can move', () => {
  const manifest = { homepage: 'https://github.com/a/b/tree/main/packages/x#readme', repository: { url: 'git+https://github.com/a/b.git' }, bugs: 'https://github.com/a/b/issues' }; // biome-ignore format: one manifest
  expect(JSON.parse(moved(JSON.stringify(manifest), 'new-owner/resnet.ts'))).toEqual({
    homepage: 'https://github.com/new-owner/resnet.ts/tree/main/packages/x#readme',
    repository: { url: 'git+https://github.com/new-owner/resnet.ts.git' },
    bugs: 'https://github.com/new-owner/resnet.ts/issues',
  });
});
