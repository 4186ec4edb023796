import { describe, expect, it } from 'vitest';
import { endOfLink, sharePage } from '../../src/language/share-links.js';

const direct = (url: string) => {
  const page = sharePage(new URL(url));
  return page === undefined ? 'a file' : (page.direct ?? `a page of ${page.of}`);
};

describe('a link to a page that shows a file', () => {
  it.each([
    [
      'https://drive.google.com/file/d/1a-B_c/view?usp=drive_link',
      'https://drive.google.com/uc?export=download&id=1a-B_c',
    ],
    [
      'https://drive.google.com/open?usp=x&id=1a-B_c',
      'https://drive.google.com/uc?export=download&id=1a-B_c',
    ],
    [
      'https://www.dropbox.com/scl/fi/k/a.png?rlkey=r&st=s&dl=0',
      'https://www.dropbox.com/scl/fi/k/a.png?rlkey=r&st=s&raw=1',
    ],
    ['https://www.dropbox.com/s/k/a.png', 'https://www.dropbox.com/s/k/a.png?raw=1'],
    [
      'https://github.com/ana/film/blob/main/boards/a%20b.png',
      'https://raw.githubusercontent.com/ana/film/main/boards/a%20b.png',
    ],
    [
      'https://gitlab.com/ana/films/one/-/blob/main/a.png',
      'https://gitlab.com/ana/films/one/-/raw/main/a.png',
    ],
    [
      'https://huggingface.co/datasets/ana/b/blob/main/a.png',
      'https://huggingface.co/datasets/ana/b/resolve/main/a.png',
    ],
    ['https://ana.sharepoint.com/:i:/g/abc?e=1', 'https://ana.sharepoint.com/:i:/g/abc?e=1&download=1'],
    ['https://www.google.com/imgres?imgurl=https%3A%2F%2Fa.com%2Fb.png&w=1', 'https://a.com/b.png'],
    ['https://imgur.com/aB3dE5f', 'https://i.imgur.com/aB3dE5f.png'],
    ['https://www.google.com/url?q=javascript:alert(1)', 'a page of Google Images'],
    ['https://ana.notion.site/Boards-0123', 'a page of Notion'],
    ['https://photos.app.goo.gl/x', 'a page of Google Photos'],
    ['https://1drv.ms/i/s!x', 'a page of OneDrive'],
    ['https://www.figma.com/design/x/Boards', 'a page of Figma'],
    ['https://we.tl/t-x', 'a page of WeTransfer'],
  ])('tells the file behind %s: %s', (url, expected) => {
    expect(direct(url)).toBe(expected);
  });

  it.each([
    'https://drive.google.com/uc?export=download&id=1a',
    'https://www.dropbox.com/scl/fi/k/a.png?rlkey=r&raw=1',
    'https://www.dropbox.com/scl/fi/k/a.png?dl=1&rlkey=r',
    'https://dl.dropboxusercontent.com/s/k/a.png',
    'https://github.com/ana/film/raw/main/a.png',
    'https://github.com/ana/film/blob/main/a.png?raw=true',
    'https://raw.githubusercontent.com/ana/film/main/blob/a.png',
    'https://lh3.googleusercontent.com/d/1a',
    'https://i.imgur.com/a.png',
    'https://images.unsplash.com/photo-1?w=100',
    'https://example.com/blob/main/a.png',
  ])('has nothing against the file %s', (url) => {
    expect(direct(url)).toBe('a file');
  });
});

describe('the text of a signed link', () => {
  const END = '2026-01-01T13:00:00.000Z';
  const EPOCH = Date.parse(END) / 1000;
  const token = ['{"alg":"HS256"}', `{"url":"a","exp":${EPOCH}}`]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');
  const policy = Buffer.from(`{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":${EPOCH}}}}]}`)
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('=', '_')
    .replaceAll('/', '~');

  it.each([
    ['AWS', 'https://b.s3.amazonaws.com/a.png?X-Amz-Date=20260101T120000Z&X-Amz-Expires=3600'],
    [
      'Google Cloud',
      'https://storage.googleapis.com/b/a.png?X-Goog-Date=20260101T120000Z&X-Goog-Expires=3600',
    ],
    ['the older S3', `https://b.s3.amazonaws.com/a.png?AWSAccessKeyId=a&Expires=${EPOCH}&Signature=s`],
    ['CloudFront', `https://d1.cloudfront.net/a.png?Expires=${EPOCH}&Signature=s&Key-Pair-Id=k`],
    [
      'CloudFront with a policy',
      `https://d1.cloudfront.net/a.png?Policy=${policy}&Signature=s&Key-Pair-Id=k`,
    ],
    ['Azure', 'https://a.blob.core.windows.net/b/a.png?sp=r&se=2026-01-01T13:00:00Z&sig=s'],
    ['Discord', `https://cdn.discordapp.com/attachments/1/2/a.png?ex=${EPOCH.toString(16)}&is=1&hm=2`],
    ['Notion', `https://file.notion.so/f/f/a.png?expirationTimestamp=${EPOCH}000&signature=s`],
    ['Supabase', `https://p.supabase.co/storage/v1/object/sign/b/a.png?token=${token}.sig`],
  ])('says when it runs out: %s', (_, url) => {
    const end = endOfLink(new URL(url));
    expect(end === null ? null : new Date(end).toISOString()).toBe(END);
  });

  it.each([
    'https://example.com/a.png',
    'https://example.com/a.png?expires=never&token=abc',
    'https://b.s3.amazonaws.com/a.png?X-Amz-Date=today&X-Amz-Expires=3600',
    'https://cdn.discordapp.com/attachments/1/2/a.png',
    'https://a.blob.core.windows.net/b/a.png?se=soon&sig=s',
  ])('says nothing about it: %s', (url) => {
    expect(endOfLink(new URL(url))).toBeNull();
  });
});
