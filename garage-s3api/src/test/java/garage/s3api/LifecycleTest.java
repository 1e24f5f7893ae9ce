package garage.s3api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import garage.common.worker.WorkerState;
import garage.model.lifecycle.LifecycleCalendar;
import garage.model.lifecycle.LifecycleWorker;
import garage.s3api.S3World.Reply;
import garage.s3api.request.HttpDates;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bucket's lifecycle as clients put it, get it, and see what comes of it. */
class LifecycleTest {
  private static final String ACTION = "<Expiration><Days>1</Days></Expiration>";
  private static final String ANY = "<Filter><Prefix></Prefix></Filter>";

  private static String rule(String... parts) {
    return "<Rule>" + String.join("", parts) + "<Status>Enabled</Status></Rule>";
  }

  private static byte[] document(String... rules) {
    String all = String.join("", rules);
    return ("<LifecycleConfiguration>" + all + "</LifecycleConfiguration>").getBytes(UTF_8);
  }

  private static Reply put(S3World world, String... rules) {
    return world.put("/bkt?lifecycle", document(rules));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<Prefix>a/</Prefix><Status>Enabled</Status><Expiration><Days>31</Days></Expiration>",
        "<Prefix/><Status>Disabled</Status><Expiration><Days>2147483647</Days></Expiration>",
        "<Filter></Filter><Status>Enabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
        "<Filter><Prefix/></Filter><Status>Enabled</Status><Expiration><Date>2030-02-28T00:00:00.000Z</Date></Expiration>",
        "<Filter><Tag><Key>k</Key><Value/></Tag></Filter><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays><NewerNoncurrentVersions>100</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        "<Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays></NoncurrentVersionExpiration>",
        "<Filter><And><Prefix>p</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value>2</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>99</ObjectSizeLessThan></And></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>",
        "<Filter><Prefix>"
            + " u/</Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
      })
  void whatIsPutIsGot(String content) {
    S3World.run(world -> {
      String rule = "<Rule><ID>first &amp; only</ID>" + content + "</Rule>";
      Reply put = world.put("/bkt?lifecycle", document(rule));
      assertEquals(200, put.status(), put.text());
      Reply got = world.send("GET", "/bkt?lifecycle");
      assertEquals(200, got.status());
      assertTrue(got.text().contains(rule), got.text());
      assertEquals(204, world.send("DELETE", "/bkt?lifecycle").status());
      Reply none = world.send("GET", "/bkt?lifecycle");
      assertEquals("NoSuchLifecycleConfiguration", none.element("Code"));
    });
  }

  @Test
  void rulesWithoutANameAreGivenOneThatNoOtherHas() {
    S3World.run(world -> {
      String named = rule("<ID>rule-1</ID>", ANY, ACTION);
      assertEquals(200, put(world, rule(ANY, ACTION), named, rule(ANY, ACTION)).status());
      String got = world.send("GET", "/bkt?lifecycle").text();
      for (String id : new String[] {"rule-1", "rule-2", "rule-3"}) {
        assertEquals(2, got.split("<ID>" + id + "</ID>", -1).length, got);
      }
    });
  }

  /** AWS wants them in an And; others take them as they are. */
  @Test
  void conditionsBesideEachOtherMustAllHold() {
    S3World.run(world -> {
      String filter = "<Filter><Prefix>p/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></Filter>";
      assertEquals(200, put(world, rule(filter, ACTION)).status());
      assertTrue(
          world
              .send("GET", "/bkt?lifecycle")
              .text()
              .contains("<And><Prefix>p/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></And>"));
      assertNull(world.put("/bkt/p/x", new byte[1]).header("x-amz-expiration"));
      String expiry =
          world.put("/bkt/p/x", new byte[1], "x-amz-tagging", "a=1").header("x-amz-expiration");
      assertTrue(expiry != null && expiry.contains("rule-id=\"rule-1\""), expiry);
    });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MalformedXML | <Status>Enabled</Status><Expiration><Days>1</Days></Expiration>",
        "MalformedXML |"
            + " <Filter/><Prefix/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>",
        "MalformedXML | <Filter/><Expiration><Days>1</Days></Expiration>",
        "MalformedXML | <Filter/><Status>enabled</Status><Expiration><Days>1</Days></Expiration>",
        "MalformedXML |"
            + " <Filter/><Status>Enabled</Status><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>",
        "InvalidRequest | <Filter/><Status>Enabled</Status>",
        "MalformedXML | <Filter/><Status>Enabled</Status><Expiration/>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><Expiration><Days>-1</Days></Expiration>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><Expiration><Days>2147483648</Days></Expiration>",
        "MalformedXML | <Filter/><Status>Enabled</Status><Expiration><Days>x</Days></Expiration>",
        "MalformedXML |"
            + " <Filter/><Status>Enabled</Status><Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><Expiration><Date>2030-01-01T00:00:00+01:00</Date></Expiration>",
        "MalformedXML |"
            + " <Filter/><Status>Enabled</Status><Expiration><Date>20300101</Date></Expiration>",
        "MalformedXML |"
            + " <Filter/><Status>Enabled</Status><Expiration><Date>+99999-01-01T00:00:00Z</Date></Expiration>",
        "MalformedXML |"
            + " <Filter/><Status>Enabled</Status><NoncurrentVersionExpiration><NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        "MalformedXML | <Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload/>",
        "InvalidRequest |"
            + " <Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
        "InvalidRequest |"
            + " <Filter><ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></Filter><Status>Enabled</Status><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
        "InvalidRequest |"
            + " <Filter><And><ObjectSizeGreaterThan>9</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>",
        "InvalidTag |"
            + " <Filter><And><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value>2</Value></Tag></And></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>",
        "MalformedXML |"
            + " <Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration><Color>red</Color>",
        "InvalidArgument |"
            + " <Filter/><Status>Enabled</Status><Transition><Date>2030-01-01T00:00:01Z</Date><StorageClass>GLACIER</StorageClass></Transition>",
        "NotImplemented |"
            + " <Filter/><Status>Enabled</Status><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>",
        "NotImplemented |"
            + " <Filter/><Status>Enabled</Status><NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>",
      })
  void whatCannotBeIsRefused(String code, String content) {
    S3World.run(world -> {
      Reply reply = world.put("/bkt?lifecycle", document("<Rule>" + content + "</Rule>"));
      assertEquals(code, reply.element("Code"), reply.text());
      assertEquals(404, world.send("GET", "/bkt?lifecycle").status());
      if (code.equals("NotImplemented")) {
        assertTrue(reply.text().contains("Transition"), reply.text());
      }
    });
  }

  @Test
  void namesAndNumberOfRulesHaveLimits() {
    S3World.run(world -> {
      String longest = "i".repeat(255);
      assertEquals(200, put(world, rule("<ID>" + longest + "</ID>", ANY, ACTION)).status());
      Reply reply = put(world, rule("<ID>" + longest + "i</ID>", ANY, ACTION));
      assertEquals("InvalidArgument", reply.element("Code"));
      String same = rule("<ID>same</ID>", ANY, ACTION);
      assertEquals("InvalidArgument", put(world, same, same).element("Code"));
      String[] most = new String[1000];
      java.util.Arrays.fill(most, rule(ANY, ACTION));
      assertEquals(200, put(world, most).status());
      assertEquals(1000, world.send("GET", "/bkt?lifecycle").count("Rule"));
      String[] more = java.util.Arrays.copyOf(most, 1001);
      more[1000] = most[0];
      assertEquals("MalformedXML", put(world, more).element("Code"));
      assertEquals("MalformedXML", put(world).element("Code"));
      String mixed = rule("<Prefix>a</Prefix>", ACTION);
      assertEquals("InvalidRequest", put(world, mixed, rule(ANY, ACTION)).element("Code"));
    });
  }

  @Test
  void theLeastSizeOfTransitionsIsKeptThoughThereAreNone() {
    S3World.run(world -> {
      String header = "x-amz-transition-default-minimum-object-size";
      byte[] body = document(rule(ANY, ACTION));
      Reply put = world.put("/bkt?lifecycle", body);
      assertEquals("all_storage_classes_128K", put.header(header));
      put = world.put("/bkt?lifecycle", body, header, "varies_by_storage_class");
      assertEquals("varies_by_storage_class", put.header(header));
      Reply got = world.send("GET", "/bkt?lifecycle");
      assertEquals("varies_by_storage_class", got.header(header));
      assertEquals(
          "InvalidArgument", world.put("/bkt?lifecycle", body, header, "1K").element("Code"));
    });
  }

  @Test
  void repliesTellWhenTheObjectExpires() {
    S3World.run(world -> {
      put(world, rule("<ID>so &amp; so</ID>", "<Filter><Prefix>a/</Prefix></Filter>", ACTION));
      LocalDate today = LocalDate.ofInstant(world.node.clock().now(), ZoneOffset.UTC);
      Instant at = today.plusDays(2).atStartOfDay(ZoneOffset.UTC).toInstant();
      String expected = "expiry-date=\"" + HttpDates.format(at) + "\", rule-id=\"so%20%26%20so\"";
      String header = "x-amz-expiration";
      assertEquals(expected, world.put("/bkt/a/k", new byte[10]).header(header));
      assertEquals(expected, world.put("/bkt/a/k", new byte[300_000]).header(header));
      assertEquals(expected, world.send("GET", "/bkt/a/k").header(header));
      assertEquals(expected, world.send("HEAD", "/bkt/a/k").header(header));
      Reply copy = world.put("/bkt/a/copy", new byte[0], "x-amz-copy-source", "/bkt/a/k");
      assertEquals(expected, copy.header(header));
      Reply begun = world.post("/bkt/a/m?uploads", "");
      String upload = "/bkt/a/m?uploadId=" + begun.element("UploadId");
      String tag = world.put(upload + "&partNumber=1", new byte[5]).header("ETag");
      Reply done =
          world.post(
              upload,
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"
                  + tag
                  + "</ETag></Part></CompleteMultipartUpload>");
      assertEquals(expected, done.header(header), done.text());
      assertNull(world.put("/bkt/b", new byte[10]).header(header));
      assertNull(world.send("GET", "/bkt/b").header(header));
    });
  }

  @Test
  void expiredObjectsAreGoneFromEveryAnswer() {
    S3World.run(world -> {
      put(world, rule("<Filter><Prefix>a/</Prefix></Filter>", ACTION));
      world.put("/bkt/a/k", new byte[10]);
      world.put("/bkt/b", new byte[10]);
      LifecycleWorker worker =
          world.model.lifecycle(world.node.tasks(), LifecycleCalendar.UTC, _ -> true);
      pass(worker);
      assertEquals(200, world.send("HEAD", "/bkt/a/k").status());
      world.node.clock().sleep(Duration.ofDays(2));
      pass(worker);
      assertEquals(404, world.send("HEAD", "/bkt/a/k").status());
      assertEquals(1, world.send("GET", "/bkt?list-type=2").count("Contents"));
      assertEquals(200, world.send("HEAD", "/bkt/b").status());
    });
  }

  private static void pass(LifecycleWorker worker) {
    int steps = 0;
    while (!(worker.step() instanceof WorkerState.Idle)) {
      assertTrue(++steps < 1_000, "comes to no end");
    }
  }

  /** As with upstream, whoever may delete the objects may say when. */
  @Test
  void aKeyThatMayWriteMaySayWhatBecomesOfObjects() {
    S3World.run(world -> {
      byte[] body = document(rule(ANY, ACTION));
      Reply refused = world.send(world.bob, "PUT", "/bkt?lifecycle", body);
      assertEquals("AccessDenied", refused.element("Code"));
      Reply deleted = world.send(world.bob, "DELETE", "/bkt?lifecycle", new byte[0]);
      assertEquals("AccessDenied", deleted.element("Code"));
      var bucket = world.model.buckets().resolve("bkt", null).orElseThrow();
      var write = new garage.model.bucket.Permissions(false, true, false);
      world.model.buckets().allow(bucket, world.bob.id(), write, world.deadline());
      assertEquals(200, world.send(world.bob, "PUT", "/bkt?lifecycle", body).status());
      assertEquals(403, world.send(world.bob, "GET", "/bkt?lifecycle", new byte[0]).status());
      assertEquals(204, world.send(world.bob, "DELETE", "/bkt?lifecycle", new byte[0]).status());
    });
  }
}
