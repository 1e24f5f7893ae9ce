package garage.s3api.error;

import garage.http.sigv4.SignatureFailure;
import java.time.temporal.ChronoUnit;

/** What a client is told of a failed authentication: the part of the mapping that is long. */
final class AuthenticationErrors {
  private AuthenticationErrors() {}

  static S3Error of(SignatureFailure failure) {
    S3Error error = S3Error.of(code(failure), failure.message());
    return switch (failure) {
      case SignatureFailure.UnknownKey f -> error.with("AWSAccessKeyId", f.accessKeyId());
      case SignatureFailure.Expired f ->
          error
              .with("X-Amz-Expires", Long.toString(f.expiresSeconds()))
              .with("Expires", f.expires().truncatedTo(ChronoUnit.SECONDS).toString())
              .with("ServerTime", f.serverTime().truncatedTo(ChronoUnit.SECONDS).toString());
      case SignatureFailure.TooSkewed f ->
          error
              .with("RequestTime", f.requestTime().toString())
              .with("ServerTime", f.serverTime().truncatedTo(ChronoUnit.SECONDS).toString())
              .with("MaxAllowedSkewMilliseconds", Long.toString(f.skewMillisMax()));
      case SignatureFailure.HeadersNotSigned f ->
          error.with("HeadersNotSigned", String.join(", ", f.names()));
      case SignatureFailure.Mismatch f ->
          error
              .with("AWSAccessKeyId", f.accessKeyId())
              .with("StringToSign", f.stringToSign())
              .with("SignatureProvided", f.signature())
              .with("CanonicalRequest", f.canonicalRequest());
      case SignatureFailure.BadContentHash f ->
          error.with("ArgumentName", "x-amz-content-sha256").with("ArgumentValue", f.value());
      case SignatureFailure.PayloadMismatch f ->
          error
              .with("ClientComputedContentSHA256", f.signedHex())
              .with("S3ComputedContentSHA256", f.actualHex());
      case SignatureFailure.MalformedHeader _,
          SignatureFailure.MalformedQuery _,
          SignatureFailure.UnsupportedMechanism _,
          SignatureFailure.SeveralMechanisms _,
          SignatureFailure.MissingDate _,
          SignatureFailure.NotYetValid _,
          SignatureFailure.MissingContentHash _,
          SignatureFailure.ChunkMismatch _,
          SignatureFailure.MalformedChunk _,
          SignatureFailure.MalformedTrailer _,
          SignatureFailure.MissingDecodedLength _,
          SignatureFailure.IncompleteBody _ ->
          error;
    };
  }

  private static S3ErrorCode code(SignatureFailure failure) {
    return switch (failure) {
      case SignatureFailure.MalformedHeader _ -> S3ErrorCode.AUTHORIZATION_HEADER_MALFORMED;
      case SignatureFailure.MalformedQuery _ -> S3ErrorCode.AUTHORIZATION_QUERY_PARAMETERS_ERROR;
      case SignatureFailure.UnsupportedMechanism _,
          SignatureFailure.MissingContentHash _,
          SignatureFailure.MalformedChunk _ ->
          S3ErrorCode.INVALID_REQUEST;
      case SignatureFailure.SeveralMechanisms _, SignatureFailure.BadContentHash _ ->
          S3ErrorCode.INVALID_ARGUMENT;
      case SignatureFailure.MissingDate _,
          SignatureFailure.Expired _,
          SignatureFailure.NotYetValid _,
          SignatureFailure.HeadersNotSigned _ ->
          S3ErrorCode.ACCESS_DENIED;
      case SignatureFailure.UnknownKey _ -> S3ErrorCode.INVALID_ACCESS_KEY_ID;
      case SignatureFailure.TooSkewed _ -> S3ErrorCode.REQUEST_TIME_TOO_SKEWED;
      case SignatureFailure.Mismatch _, SignatureFailure.ChunkMismatch _ ->
          S3ErrorCode.SIGNATURE_DOES_NOT_MATCH;
      case SignatureFailure.PayloadMismatch _ -> S3ErrorCode.X_AMZ_CONTENT_SHA256_MISMATCH;
      case SignatureFailure.MalformedTrailer _ -> S3ErrorCode.MALFORMED_TRAILER;
      case SignatureFailure.MissingDecodedLength _ -> S3ErrorCode.MISSING_CONTENT_LENGTH;
      case SignatureFailure.IncompleteBody _ -> S3ErrorCode.INCOMPLETE_BODY;
    };
  }
}
