import { describe, expect, it, vi } from "vitest";
import { ApiError } from "../api";
import {
  Documents,
  isWhole,
  partBetween,
  PDF_MAX_BYTES,
  regionOf,
  sessionDocuments,
  type DocumentsPort,
  type KeptDocument,
} from "./documents";

const manual: KeptDocument = {
  id: "d0",
  url: "/d0",
  title: "Manual",
  media_type: "application/pdf",
  size_bytes: 9,
  page: 1,
  name: "Dr Li",
  may_remove: true,
};

function opened() {
  const port = {
    list: vi.fn<DocumentsPort["list"]>(() => Promise.resolve([manual])),
    bytes: vi.fn<DocumentsPort["bytes"]>(() => Promise.resolve(new Uint8Array(3))),
    add: vi.fn<DocumentsPort["add"]>(() => Promise.resolve(manual)),
    remove: vi.fn<DocumentsPort["remove"]>(() => Promise.resolve()),
    newKey: vi.fn<DocumentsPort["newKey"]>(() => "key-0001"),
  };
  return { port, documents: new Documents(port) };
}

function file(name: string, type: string, sizeBytes = 3): File {
  const made = new File(["%PDF"], name, { type });
  Object.defineProperty(made, "size", { value: sizeBytes });
  return made;
}

describe("documents of a session", () => {
  it("are listed, and an empty list is one when nobody answers", async () => {
    const { documents } = opened();
    await documents.refresh();
    expect(documents.list.get()).toEqual([manual]);
    expect([documents.titleOf("d0"), documents.titleOf("d1")]).toEqual(["Manual", ""]);
    const alone = opened();
    alone.port.list.mockRejectedValueOnce(new Error("away"));
    await alone.documents.refresh();
    expect(alone.documents.list.get()).toEqual([]);
  });

  it("keep their list when it cannot be read again", async () => {
    const { documents, port } = opened();
    await documents.refresh();
    port.list.mockRejectedValueOnce(new Error("away"));
    await documents.refresh();
    expect(documents.list.get()).toEqual([manual]);
  });

  it("are taken away, stay where the server refuses it, and are gone where somebody was faster", async () => {
    const { documents, port } = opened();
    await documents.refresh();
    port.remove.mockRejectedValueOnce(new ApiError("forbidden", 403, 0, {}));
    expect(await documents.remove("d0")).toBe(false);
    expect(documents.list.get()).toEqual([manual]);
    port.list.mockResolvedValue([]);
    port.remove.mockRejectedValueOnce(new ApiError("not_found", 404, 0, {}));
    expect(await documents.remove("d0")).toBe(true);
    expect(documents.list.get()).toEqual([]);
  });

  it("are added under a title without its ending, and tell how far they are", async () => {
    const { documents, port } = opened();
    port.add.mockImplementationOnce((_key, _file, _title, onSent) => {
      onSent(0.4);
      expect(documents.adding.get()).toEqual({ name: "Spindle.PDF", sizeBytes: 3, sent: 0.4, fault: null });
      return Promise.resolve(manual);
    });
    expect(await documents.add(file("Spindle.PDF", "application/pdf"))).toBe(manual);
    expect(port.add).toHaveBeenCalledWith("key-0001", expect.any(File), "Spindle", expect.any(Function));
    expect(documents.adding.get()).toBeNull();
    expect(documents.list.get()).toEqual([manual]);
  });

  it.each([
    ["m.pdf", "application/pdf", PDF_MAX_BYTES + 1, "pdf_too_large"],
    ["p.png", "image/png", 20_000_001, "picture_too_large"],
    ["x.exe", "application/octet-stream", 1, "wrong_kind"],
  ])("that cannot be taken are not sent: %s", async (name, type, size, fault) => {
    const { documents, port } = opened();
    expect(await documents.add(file(name, type, size))).toBeNull();
    expect(port.add).not.toHaveBeenCalled();
    expect(documents.adding.get()).toMatchObject({ name, fault, sizeBytes: size });
    documents.dismiss();
    expect(documents.adding.get()).toBeNull();
  });

  it("that did not get through are sent again under the same key", async () => {
    const { documents, port } = opened();
    port.add.mockRejectedValueOnce(new ApiError("unavailable", 0, 0, {}));
    await documents.add(file("m.pdf", "application/pdf"));
    expect(documents.adding.get()?.fault).toBe("unavailable");
    expect(await documents.again()).toBe(manual);
    expect(port.newKey).toHaveBeenCalledTimes(1);
    expect(await documents.again()).toBeNull();
  });

  it("go one at a time", async () => {
    const { documents, port } = opened();
    port.add.mockReturnValueOnce(new Promise(() => undefined));
    void documents.add(file("a.pdf", "application/pdf"));
    expect(await documents.add(file("b.pdf", "application/pdf"))).toBeNull();
    documents.dismiss();
    expect(documents.adding.get()?.name).toBe("a.pdf");
    expect(port.add).toHaveBeenCalledTimes(1);
  });
});

describe("the endpoints of documents", () => {
  it("are asked for a part of a file", async () => {
    const api = {
      ask: vi.fn(() => Promise.resolve({ documents: [manual] })) as never,
      file: vi.fn(() => Promise.resolve(new Blob(["abc"]))),
      put: vi.fn(() => Promise.resolve(manual)) as never,
    };
    const port = sessionDocuments(api, "S1", "bearer", () => () => Promise.reject(new Error()));
    expect(await port.list()).toEqual([manual]);
    expect(await port.bytes(manual, 0, 3)).toEqual(Uint8Array.from([97, 98, 99]));
    expect(api.file).toHaveBeenCalledWith("/d0", "bearer", { begin: 0, end: 3 });
    await port.add("key-0001", new Blob(), "A b", () => undefined);
    expect(api.put).toHaveBeenCalledWith(
      "/api/assist/sessions/S1/documents/key-0001?title=A%20b",
      expect.any(Blob),
      "bearer",
      expect.any(Function),
    );
    expect(port.newKey()).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe("a part of a page", () => {
  it("lies between two corners, inside of the page", () => {
    expect(partBetween([0.5, 0.6], [0.2, 1.4])).toEqual({ x: 0.2, y: 0.6, width: 0.3, height: 0.4 });
    expect(partBetween([0.5, 0.5], [0.505, 0.9])).toBeNull();
  });

  it("may be the whole", () => {
    expect(isWhole({})).toBe(true);
    expect(isWhole({ x: 0, y: 0, width: 0.5, height: 1 })).toBe(false);
    expect(regionOf("d", 2, null)).toEqual({ document_id: "d", page: 2, x: 0, y: 0, width: 1, height: 1 });
  });
});
