package garage.http.sigv4;

import java.time.Instant;
import java.util.List;

/** Every way in which a request's authentication fails; each front end maps it to its own code. */
public sealed interface SignatureFailure {
  /** For the log and for the client; names no secret. */
  String message();

  /** The Authorization header cannot be read, or its scope is not one for this service. */
  record MalformedHeader(String message) implements SignatureFailure {}

  /** The X-Amz- parameters of a presigned request cannot be read, or are out of bounds. */
  record MalformedQuery(String message) implements SignatureFailure {}

  /** A mechanism other than AWS4-HMAC-SHA256. */
  record UnsupportedMechanism(String mechanism) implements SignatureFailure {
    @Override
    public String message() {
      return "The authorization mechanism you have provided is not supported."
          + " Please use AWS4-HMAC-SHA256.";
    }
  }

  /** Both an Authorization header and presigned parameters. */
  record SeveralMechanisms() implements SignatureFailure {
    @Override
    public String message() {
      return "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature"
          + " query string parameter or the Authorization header should be specified";
    }
  }

  /** Neither a usable x-amz-date nor a usable Date. */
  record MissingDate() implements SignatureFailure {
    @Override
    public String message() {
      return "AWS authentication requires a valid Date or x-amz-date header";
    }
  }

  /** No key of this id, or not one that may sign now. */
  record UnknownKey(String accessKeyId) implements SignatureFailure {
    @Override
    public String message() {
      return "The AWS Access Key Id you provided does not exist in our records.";
    }
  }

  /** A presigned request after its end. */
  record Expired(Instant expires, Instant serverTime, long expiresSeconds)
      implements SignatureFailure {
    @Override
    public String message() {
      return "Request has expired";
    }
  }

  /** A presigned request dated in the future. */
  record NotYetValid(Instant requestTime, Instant serverTime) implements SignatureFailure {
    @Override
    public String message() {
      return "Request is not valid yet";
    }
  }

  /** Signed by a clock too far from this node's. */
  record TooSkewed(Instant requestTime, Instant serverTime, long skewMillisMax)
      implements SignatureFailure {
    @Override
    public String message() {
      return "The difference between the request time and the current time is too large.";
    }
  }

  /** Fields that change the meaning of the request and are not covered by the signature. */
  record HeadersNotSigned(List<String> names) implements SignatureFailure {
    public HeadersNotSigned {
      names = List.copyOf(names);
    }

    @Override
    public String message() {
      return "There were headers present in the request which were not signed";
    }
  }

  /** The signature is not the one this request and this key give. */
  record Mismatch(
      String accessKeyId, String signature, String stringToSign, String canonicalRequest)
      implements SignatureFailure {
    @Override
    public String message() {
      return "The request signature we calculated does not match the signature you provided."
          + " Check your key and signing method.";
    }
  }

  /** Header authentication without x-amz-content-sha256. */
  record MissingContentHash() implements SignatureFailure {
    @Override
    public String message() {
      return "Missing required header for this request: x-amz-content-sha256";
    }
  }

  /** An x-amz-content-sha256 that is neither a hash nor a mode known here. */
  record BadContentHash(String value) implements SignatureFailure {
    @Override
    public String message() {
      return "x-amz-content-sha256 must be UNSIGNED-PAYLOAD,"
          + " STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD,"
          + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.";
    }
  }

  /** The body is not the one whose hash was signed. */
  record PayloadMismatch(String signedHex, String actualHex) implements SignatureFailure {
    @Override
    public String message() {
      return "The provided 'x-amz-content-sha256' header does not match what was computed.";
    }
  }

  /** A chunk, or the trailer, is not the one that was signed. */
  record ChunkMismatch(String stringToSign) implements SignatureFailure {
    @Override
    public String message() {
      return "The chunk signature we calculated does not match the signature you provided."
          + " Check your key and signing method.";
    }
  }

  /** The aws-chunked framing cannot be read. */
  record MalformedChunk(String message) implements SignatureFailure {}

  /** The trailer cannot be read, or is not the one announced. */
  record MalformedTrailer(String message) implements SignatureFailure {}

  /** A streaming body without a usable x-amz-decoded-content-length. */
  record MissingDecodedLength() implements SignatureFailure {
    @Override
    public String message() {
      return "You must provide the x-amz-decoded-content-length HTTP header.";
    }
  }

  /** The body ended before, or goes on after, the length announced. */
  record IncompleteBody(long expected, long actual) implements SignatureFailure {
    @Override
    public String message() {
      return "You did not provide the number of bytes specified by the Content-Length HTTP header";
    }
  }
}
