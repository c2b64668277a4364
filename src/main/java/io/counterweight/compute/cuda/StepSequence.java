package io.counterweight.compute.cuda;

import io.counterweight.compute.Batch;
import io.counterweight.compute.Dropout;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Steps of different lanes in one sequence of launches, in the order of {@link
 * io.counterweight.compute.BilevelStep}: one copy to the device, 24 launches, one copy back,
 * however many steps. Without a lane that steers there are 7 launches, or 11 with an anchor.
 *
 * <p>The trusted batch at the look-ahead and the anchor share their launches, though one is
 * evaluated at other parameters than the other. Batches that several lanes share are copied once.
 */
final class StepSequence {
  private final ArchitectureTable architecture;
  private final Device device;
  private final Launches launches;
  private final Staging staging;
  private final Scratch scratch;

  private final List<StepTable> inRequestOrder;
  private final List<StepTable> steps = new ArrayList<>();
  private final List<StepTable> steered = new ArrayList<>();
  private final List<PassTable> folds = new ArrayList<>();
  private final List<PassTable> trains = new ArrayList<>();
  private final List<PassTable> metasAndAnchors = new ArrayList<>();
  private final Map<Batch, Integer> batchAt = new IdentityHashMap<>();

  StepSequence(
      ArchitectureTable architecture,
      Device device,
      Launches launches,
      Staging staging,
      Scratch scratch,
      List<StepTable> tables) {
    this.architecture = architecture;
    this.device = device;
    this.launches = launches;
    this.staging = staging;
    this.scratch = scratch;
    inRequestOrder = tables;
    for (StepTable table : tables) {
      if (table.isSteered()) {
        steered.add(table);
        metasAndAnchors.add(table.meta);
      }
    }
    steps.addAll(steered);
    tables.stream().filter(table -> !table.isSteered()).forEach(steps::add);
    for (StepTable step : steps) {
      trains.add(step.train);
      if (step.anchor != null) {
        metasAndAnchors.add(step.anchor);
      }
    }
  }

  /** Runs the steps; reports come in the order of the requests. */
  List<StepReport> run(ResidentStates states) {
    long reportBytes = 4L * steps.stream().mapToLong(StepTable::reportFloats).sum();
    long uploadBytes = uploadBytes();
    long scratchBytes = Scratch.rounded(reportBytes) + Scratch.rounded(uploadBytes);
    for (StepTable step : steps) {
      scratchBytes += step.scratchBytes();
    }
    scratch.begin(scratchBytes);
    long report = scratch.take(reportBytes);
    long upload = scratch.take(uploadBytes);
    place(states, report);
    upload(upload, uploadBytes);
    launch(upload);
    ByteBuffer buffer = staging.room(reportBytes);
    device.download(report, buffer);
    buffer.rewind();
    List<StepReport> reports = new ArrayList<>();
    for (StepTable step : inRequestOrder) {
      reports.add(step.read(buffer));
    }
    return reports;
  }

  private void place(ResidentStates states, long report) {
    Set<TrainingState> inUse = Collections.newSetFromMap(new IdentityHashMap<>());
    inRequestOrder.forEach(step -> inUse.add(step.request().state()));
    long at = report;
    for (StepTable step : inRequestOrder) {
      step.place(states.use(step.request().state(), inUse), scratch, at);
      at += 4L * step.reportFloats();
    }
    if (architecture.isRunning() && architecture.spec().dropout() > 0) {
      trains.forEach(train -> folds.add(train.folding()));
    }
  }

  // ---- what is uploaded: folds, trains, metas and anchors, steps; batches; masks

  private int tableBytes() {
    int passes = trains.size() + metasAndAnchors.size();
    boolean foldsFirst = architecture.isRunning() && architecture.spec().dropout() > 0;
    passes += foldsFirst ? trains.size() : 0;
    return passes * PassTable.STRUCT_BYTES + steps.size() * StepTable.STRUCT_BYTES;
  }

  private long uploadBytes() {
    long at = tableBytes();
    for (StepTable step : inRequestOrder) {
      List<Batch> batches = new ArrayList<>(List.of(step.request().train()));
      if (step.meta != null) {
        batches.add(step.request().meta());
      }
      if (step.anchor != null) {
        batches.add(step.request().anchor());
      }
      for (Batch batch : batches) {
        if (!batchAt.containsKey(batch)) {
          batchAt.put(batch, Math.toIntExact(at));
          at += 4L * (batch.x().length + batch.y().length);
        }
      }
    }
    for (StepTable step : inRequestOrder) {
      at += 4L * maskFloats(step);
    }
    return at;
  }

  private long maskFloats(StepTable step) {
    return drops(step) ? (long) architecture.channels() * step.train.events : 0;
  }

  private boolean drops(StepTable step) {
    return architecture.spec().dropout() > 0 && step.request().dropout() != null;
  }

  private void upload(long address, long bytes) {
    ByteBuffer buffer = staging.room(bytes);
    long maskAt = address + bytes;
    for (StepTable step : inRequestOrder) {
      maskAt -= 4L * maskFloats(step);
    }
    for (StepTable step : inRequestOrder) {
      place(step.train, step.request().train(), address);
      if (step.meta != null) {
        place(step.meta, step.request().meta(), address);
      }
      if (step.anchor != null) {
        place(step.anchor, step.request().anchor(), address);
      }
      step.train.masks = drops(step) ? maskAt : 0;
      maskAt += 4L * maskFloats(step);
    }
    for (int i = 0; i < folds.size(); i++) {
      folds.get(i).x = trains.get(i).x;
    }
    StructWriter writer = new StructWriter(buffer);
    folds.forEach(pass -> pass.write(writer));
    trains.forEach(pass -> pass.write(writer));
    metasAndAnchors.forEach(pass -> pass.write(writer));
    steps.forEach(step -> step.write(writer));
    batchAt.forEach(
        (batch, at) -> {
          buffer.position(at);
          Staging.put(buffer, batch.x());
          Staging.put(buffer, batch.y());
        });
    buffer.position((int) bytes);
    for (StepTable step : inRequestOrder) {
      buffer.position(buffer.position() - (int) (4 * maskFloats(step)));
    }
    for (StepTable step : inRequestOrder) {
      if (drops(step)) {
        drawMasks(buffer, step.train.events, step.request().dropout());
      }
    }
    device.upload(buffer.rewind(), address);
  }

  private void place(PassTable pass, Batch batch, long upload) {
    pass.x = upload + batchAt.get(batch);
    pass.y = pass.x + 4L * batch.x().length;
  }

  /** In the order of {@link Dropout}. */
  private void drawMasks(ByteBuffer to, int events, SeededRandom random) {
    Dropout masks = new Dropout(architecture.spec());
    for (long i = 0; i < (long) architecture.channels() * events; i++) {
      to.putFloat(masks.next(random));
    }
  }

  private void launch(long upload) {
    long trainItems = upload + (long) folds.size() * PassTable.STRUCT_BYTES;
    long otherItems = trainItems + (long) trains.size() * PassTable.STRUCT_BYTES;
    long stepItems = otherItems + (long) metasAndAnchors.size() * PassTable.STRUCT_BYTES;
    List<PassTable> steeredTrains = trains.subList(0, steered.size());
    if (!folds.isEmpty()) {
      launches.encode(folds, upload);
    }
    launches.forward(trains, trainItems);
    if (!steered.isEmpty()) {
      launches.weigh(steered, stepItems);
      launches.backward(steeredTrains, trainItems);
      launches.lookAhead(steered, stepItems);
    }
    if (!metasAndAnchors.isEmpty()) {
      launches.forward(metasAndAnchors, otherItems);
      launches.backward(metasAndAnchors, otherItems);
    }
    if (!steered.isEmpty()) {
      launches.turn(steered, stepItems);
      launches.tangent(steeredTrains, trainItems);
      launches.moveWeightNets(steered, stepItems);
      launches.weigh(steered, stepItems);
    }
    launches.backward(trains, trainItems);
    launches.update(steps, stepItems);
  }
}
