import { describe, expect, it } from "vitest";
import { refusedIn } from "./oidc";

describe("what the sign-in page is told", () => {
  it("is one of a closed list", () => {
    expect(refusedIn("?next=%2Fhome")).toBeNull();
    expect(refusedIn("?refused=mail_unverified&next=%2Fhome")).toBe("mail_unverified");
    expect(refusedIn("?refused=%3Cimg%3E")).toBe("provider_refused");
  });
});
