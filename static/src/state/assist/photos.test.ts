import { describe, expect, it, vi } from "vitest";
import { photoMarks, Photos, type Photo, type PhotosPort } from "./photos";

function photo(id: string, more: Partial<Photo> = {}): Photo {
  return {
    id,
    url: `/stills/${id}`,
    small_url: `/stills/${id}/small`,
    width: 640,
    height: 480,
    name: "王师傅",
    taken_at_ms: 1,
    marks: [],
    ...more,
  };
}

function guest(stills: Photo[]) {
  const port = {
    list: vi.fn(() => Promise.resolve({ stills: [...stills] })),
    file: vi.fn((url: string) => Promise.resolve(new Blob([url]))),
    makeUrl: vi.fn((blob: Blob) => `blob:${blob.size}-${port.makeUrl.mock.calls.length}`),
    forgetUrl: vi.fn(),
  };
  return port;
}

const ids = (photos: Photos): string[] => photos.all.get().map(({ id }) => id);

describe("the photos of a session", () => {
  it("are listed newest first, and only one that comes later is fresh", async () => {
    const stills = [photo("first"), photo("second")];
    const port = guest(stills);
    const photos = new Photos(port);
    await photos.load();
    expect(ids(photos)).toEqual(["second", "first"]);
    expect(photos.fresh.get()).toBeNull();

    stills.push(photo("third"));
    await photos.load();
    expect(photos.fresh.get()).toMatchObject({ id: "third", smallSrc: "blob:19-3", src: "" });
    expect(port.file.mock.calls).toEqual([
      ["/stills/second/small"],
      ["/stills/first/small"],
      ["/stills/third/small"],
    ]);
    photos.open("third");
    expect([photos.fresh.get(), photos.opened.get()?.id]).toEqual([null, "third"]);
    await vi.waitFor(() => expect(photos.opened.get()?.src).toBe("blob:13-4"));
    photos.step(-1);
    expect(photos.opened.get()?.id).toBe("third");
    photos.step(1);
    expect(photos.opened.get()?.id).toBe("second");
  });

  it("are loaded by the browser itself where an account's cookie does", async () => {
    const port: PhotosPort = { ...guest([photo("first")]), file: null };
    const photos = new Photos(port);
    await photos.load();
    expect(photos.all.get()[0]?.smallSrc).toBe("/stills/first/small");
    photos.open("first");
    await vi.waitFor(() => expect(photos.opened.get()?.src).toBe("/stills/first"));
    photos.close();
    expect(port.forgetUrl).not.toHaveBeenCalled();
  });

  it("stay as they are without a line, and are asked for once more when one came meanwhile", async () => {
    const stills = [photo("first")];
    const port = guest(stills);
    const photos = new Photos(port);
    await photos.load();
    port.list.mockRejectedValueOnce(new Error("no line"));
    await photos.load();
    expect(ids(photos)).toEqual(["first"]);

    const both = [photos.load(), photos.load()];
    stills.push(photo("second"));
    await Promise.all(both);
    await vi.waitFor(() => expect(ids(photos)).toEqual(["second", "first"]));
    await vi.waitFor(() => expect(photos.fresh.get()?.smallSrc).toContain("blob:"));
    photos.close();
    expect(port.forgetUrl).toHaveBeenCalledTimes(2);
  });

  it("are listed up to sixty, of which the last six that were opened are held in full", async () => {
    const stills = Array.from({ length: 60 }, (_, k) => photo(`photo-${k}`));
    const port = guest(stills);
    const photos = new Photos(port);
    await photos.load();
    stills.push(photo("photo-60"));
    await photos.load();
    expect(ids(photos)).toHaveLength(60);
    expect(port.forgetUrl).toHaveBeenCalledTimes(1);
    for (let k = 1; k <= 8; k++) {
      photos.open(`photo-${k}`);
      await vi.waitFor(() => expect(photos.opened.get()?.src).not.toBe(""));
    }
    await vi.waitFor(() => expect(photos.all.get().filter(({ src }) => src !== "")).toHaveLength(6));
    expect(port.forgetUrl).toHaveBeenCalledTimes(3);
  });

  it("carry what was drawn on them, in pixels of the picture", () => {
    const mark = {
      kind: "circle",
      color: "red",
      width: 0.01,
      text: "",
      number: 0,
      author_name: "李工",
    } as const;
    const [drawn] = photoMarks(photo("first", { marks: [{ ...mark, points: [0.5, 0.25, 1, 1] }] }));
    expect(drawn).toMatchObject({ name: "李工", mark: { width: 6.4, points: [320, 120, 640, 480] } });
  });
});
