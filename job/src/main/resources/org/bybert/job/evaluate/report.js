(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const metrics = data.metrics || {settings: {}};
  const settings = metrics.settings;
  const unit = data.unit || settings.unit;
  const content = document.getElementById('content');
  const charts = [];
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const printing = matchMedia('print');

  function element(name, options, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(options || {})) {
      if (key === 'text') made.textContent = value;
      else if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.filter(child => child !== null && child !== undefined));
    return made;
  }

  const percent = share => share === null || share === undefined || Number.isNaN(share) ? '-' : (100 * share).toFixed(1) + ' %';
  const count = n => n === null || n === undefined ? '-' : Math.round(n).toLocaleString('en-US');
  const points = difference => (difference > 0 ? '+' : '') + (100 * difference).toFixed(1);
  const nameOf = model => model.replace(/.*[/\\](?=[^/\\])/, '');
  // What would not be seen.
  const visible = text => text.replace(/[\s\p{C}]/gu, c => c === ' ' ? '␣' : c === '\n' ? '↵' : 'U+' + c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0'));
  const word = text => element('span', {lang: 'ja', text: visible(text)});
  const share = (part, whole) => whole > 0 ? part / whole : null;

  function table(header, rows, left) {
    const cell = (name, value, i) => element(name, {class: left && left.includes(i) ? 'left' : null, scope: name === 'th' ? 'col' : null},
      value instanceof Node ? value : String(value));
    return element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'table: ' + header.filter(Boolean).join(', ')},
      element('table', {},
        element('thead', {}, element('tr', {}, ...header.map((value, i) => cell('th', value, i)))),
        element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map((value, i) => cell('td', value, i)))))));
  }

  function section(title, text) {
    const made = element('section', {}, element('h2', {text: title}), text ? element('p', {text}) : null);
    content.append(made);
    return made;
  }

  function chart(parent, title, options, tableOf) {
    const place = element('div', {class: 'chart', role: 'img', 'aria-label': title + '; the table below holds the numbers'});
    parent.append(element('figure', {}, element('figcaption', {text: title}), place,
      element('details', {}, element('summary', {text: 'Table'}), tableOf)));
    charts.push({place, options});
  }

  function draw() {
    const theme = dark.matches && !printing.matches ? 'dark' : null;
    const fontFamily = getComputedStyle(document.body).fontFamily;
    for (const one of charts) {
      if (one.drawn) one.drawn.dispose();
      one.drawn = echarts.init(one.place, theme, {renderer: 'svg'});
      one.drawn.setOption(Object.assign({
        animation: false,
        backgroundColor: 'transparent',
        color: ['#2f81f7', '#e08600', '#2da44e', '#a371f7', '#db61a2', '#6e7781'],
        textStyle: {fontFamily},
        grid: {left: 52, right: 24, top: 36, bottom: 48},
        legend: {top: 0, type: 'scroll'},
        tooltip: {trigger: 'axis', confine: true, renderMode: 'richText', formatter: shown => shown.filter(point => point.data)
          .map(point => point.seriesName + ': ' + percent(point.data.accuracy) + ' of ' + count(point.data.masked)).join('\n')}
      }, one.options));
      // Paper is narrower.
      one.place.querySelector('svg').setAttribute('viewBox', '0 0 ' + one.place.clientWidth + ' ' + one.place.clientHeight);
    }
  }

  const breakdowns = metrics.breakdowns || [];
  const sets = breakdowns.map(breakdown => breakdown.set);
  const accuracyAxis = {type: 'value', min: 0, max: 100, axisLabel: {formatter: '{value} %'}};

  /** A group as a point of a chart. */
  const point = (group, x) => {
    const accuracy = share(group.correct, group.masked);
    return {value: x === undefined ? 100 * accuracy : [x, 100 * accuracy], accuracy, masked: group.masked};
  };

  function groupTable(dimension, keyName, label) {
    const rows = [];
    for (const breakdown of breakdowns) {
      for (const group of breakdown.by[dimension] || []) {
        rows.push([breakdown.set, word(label(group.key)), count(group.masked), percent(share(group.correct, group.masked)),
          percent(share(group.correct_bytes, group.bytes)), percent(group.probability)]);
      }
    }
    return table(['set', keyName, 'masked', 'accuracy', 'of bytes', 'probability'], rows, [1]);
  }

  function keysOf(dimension) {
    const totals = new Map();
    for (const breakdown of breakdowns) {
      for (const group of breakdown.by[dimension] || []) totals.set(group.key, (totals.get(group.key) || 0) + group.masked);
    }
    const keys = [...totals.keys()];
    return keys.every(key => /^\d+$/.test(key))
      ? keys.sort((a, b) => a - b)
      : keys.sort((a, b) => totals.get(b) - totals.get(a) || (a < b ? -1 : 1));
  }

  function bars(parent, dimension, title, keyName, label = key => key) {
    const keys = keysOf(dimension);
    if (keys.length === 0) return;
    const isNumber = /^\d/.test(keys[0]);
    chart(parent, title, {
      grid: {left: 52, right: 24, top: 36, bottom: isNumber ? 48 : 76},
      xAxis: {type: 'category', data: keys.map(label), name: isNumber ? keyName : '', nameLocation: 'middle', nameGap: 30,
        axisLabel: isNumber ? {hideOverlap: true} : {interval: 0, rotate: keys.length > 8 ? 60 : keys.length > 4 ? 40 : 0}},
      yAxis: accuracyAxis,
      series: breakdowns.map(breakdown => {
        const byKey = new Map((breakdown.by[dimension] || []).map(group => [group.key, group]));
        return {type: 'bar', name: breakdown.set, data: keys.map(key => byKey.has(key) ? point(byKey.get(key)) : null)};
      })
    }, groupTable(dimension, keyName, label));
  }

  function positions(parent) {
    const keys = keysOf('position').map(Number);
    if (keys.length === 0) return;
    const trained = settings.training_length || settings.cnt_bytes;
    const end = Math.max(keys[keys.length - 1] + data.positions, trained || 0);
    const interval = 1024 * Math.ceil(end / 1024 / 5);
    chart(parent, 'Accuracy by position in the text', {
      xAxis: {type: 'value', name: 'byte of the text', nameLocation: 'middle', nameGap: 30, min: 0, interval, max: interval * Math.ceil(end / interval)},
      yAxis: accuracyAxis,
      series: breakdowns.map((breakdown, i) => ({
        type: 'line', name: breakdown.set, symbolSize: 6,
        data: (breakdown.by.position || []).map(group => point(group, Number(group.key) + data.positions / 2)),
        markLine: i > 0 || !trained ? undefined : {symbol: 'none', silent: true, label: {formatter: 'training length', position: 'insideEndTop'},
          lineStyle: {type: 'dashed'}, data: [{xAxis: trained}]}
      }))
    }, groupTable('position', 'from byte', key => key));
  }

  function calibration(parent) {
    if (keysOf('probability').length === 0) return;
    chart(parent, 'Does the model know when it is right?', {
      xAxis: {type: 'value', min: 0, max: 100, name: 'mean probability', nameLocation: 'middle', nameGap: 30, axisLabel: {formatter: '{value} %'}},
      yAxis: accuracyAxis,
      series: breakdowns.map((breakdown, i) => ({
        type: 'line', name: breakdown.set, symbolSize: 8,
        data: (breakdown.by.probability || []).map(group => point(group, 100 * group.probability)),
        markLine: i > 0 ? undefined : {symbol: 'none', silent: true, label: {show: false}, lineStyle: {type: 'dashed', color: '#8b949e'},
          data: [[{coord: [0, 0]}, {coord: [100, 100]}]]}
      }))
    }, groupTable('probability', 'probability', key => key / 10 + '–' + (Number(key) + 1) / 10));
    parent.append(element('figure', {}, element('figcaption', {text: 'Expected calibration error'}),
      element('p', {text: 'How far accuracy lies from probability, on the average over ' + unit + 's in ten bins; the dashed line of the chart is none.'}),
      table(['set', 'error'], breakdowns.map(breakdown => [breakdown.set, percent(breakdown.calibration_error)]))));
  }

  /** Cells of one accuracy of one row. */
  function figures(accuracy, published, isKnown) {
    const [low, high] = accuracy.ci95 || [accuracy.low, accuracy.high];
    const isInterval = low !== undefined && low !== null;
    const cells = [count(accuracy.masked), percent(accuracy.accuracy) + (accuracy.sd ? ' ± ' + (100 * accuracy.sd).toFixed(1) : ''),
      isInterval ? (100 * low).toFixed(1) + '–' + (100 * high).toFixed(1) : '-'];
    if (!isKnown) return cells;
    if (!published) return cells.concat('');
    const figure = Number(published.json);
    const isWithin = isInterval && Math.round(1000 * low) <= Math.round(10 * figure) && Math.round(10 * figure) <= Math.round(1000 * high);
    return cells.concat(published.json + ' %' + (accuracy.accuracy === null ? '' : isWithin ? ' (within)'
      : ' (' + points(accuracy.accuracy - figure / 100) + ')'));
  }

  function headline() {
    const published = metrics.published || {};
    const isKnown = Object.keys(published).length > 0;
    const units = unit === 'byte' ? ['units'] : ['units', 'bytes'];
    const limit = settings.max_bytes;
    const longest = limit === null || limit === undefined ? 'all' : limit === settings.cnt_bytes ? 'cnt' : 'to ' + limit;
    const over = metrics.over_seeds || [];
    const runs = metrics.sets ? [{seed: settings.seed, sets: metrics.sets}] : metrics.seeds || [];
    const rows = [];
    const row = (set, seed, texts, results, accuracies, isLast) => rows.push([set, ...(over.length ? [seed] : []), texts, count(results.scored),
      ...units.flatMap(name => figures(accuracies[name], isLast && published[set + ' ' + texts + ' ' + (name === 'bytes' ? 'byte' : unit)], isKnown)),
      count(results.excluded), count(results.failed)]);
    const notes = [];
    (runs.length ? runs[0].sets : []).forEach((set, i) => {
      for (const [texts, part] of [['cnt', set => set.cnt], [longest, set => set]]) {
        if (!part(set)) continue;
        for (const run of runs) row(set.set, run.seed, texts, part(run.sets[i]), part(run.sets[i]), over.length === 0);
        const mean = over.find(one => one.set === set.set && one.texts === texts);
        if (mean) row(set.set, 'mean', texts, part(set), mean, true);
      }
      const failures = Object.entries(set.failures || {}).map(([kind, n]) => kind + ' (' + count(n) + ')');
      if (failures.length) notes.push(set.set + ': ' + count(set.failed) + ' of ' + count(set.rows) + ' rows failed: ' + failures.join(', '));
      if (set.duplicate_ids) notes.push(set.set + ': ' + count(set.duplicate_ids) + ' rows have an id that an earlier row has');
    });
    const parent = section('Masked-' + unit + ' accuracy', (settings.cnt_bytes ? 'cnt: texts of at most ' + count(settings.cnt_bytes) + ' bytes; ' : '')
      + (longest === 'all' ? 'all: every text that was scored. ' : '') + 'Intervals are 95 %, by bootstrap over texts' + (over.length ? '; over the seeds their means, and ± the standard deviation.' : '.'));
    parent.append(table(['set', ...(over.length ? ['seed'] : []), 'texts', 'examples', ...units.flatMap(name => [(name === 'bytes' ? 'byte' : unit) + 's masked', 'accuracy', '95 % CI'].concat(isKnown ? 'published' : [])),
      'excluded', 'failed'], rows, [over.length ? 2 : 1]));
    const sources = [...new Set(Object.values(published).map(value => value.source))];
    if (sources.length) notes.push('published: ' + sources.join('; ') + '; beside it whether it lies within the interval, or how many points from it what was measured lies');
    notes.forEach(text => parent.append(element('p', {text})));
    if (settings.passes > 1) parent.append(passes(runs, over, units, longest));
  }

  /** What several passes give beside the one, and what they cost. */
  function passes(runs, over, units, longest) {
    const rows = [];
    (runs.length ? runs[0].sets : []).forEach((set, i) => {
      for (const [texts, part] of [['cnt', set => set.cnt], [longest, set => set]]) {
        if (!part(set)) continue;
        const parts = runs.map(run => part(run.sets[i]));
        const once = parts.reduce((sum, results) => sum + results.scored, 0);
        const several = parts.reduce((sum, results) => sum + results.passes.rows, 0);
        const mean = over.find(one => one.set === set.set && one.texts === texts);
        const row = (n, read, accuracies) => rows.push([set.set, texts, n, count(read), once ? (read / once).toFixed(2) : '-',
          ...units.flatMap(name => figures(accuracies[name]).slice(1))]);
        row(1, once, mean || parts[0]);
        row(settings.passes, several, (mean || parts[0]).passes);
      }
    });
    return element('figure', {}, element('figcaption', {text: 'In several passes'}),
      element('p', {text: '1 is the paper\'s protocol, the best byte at each mask; ' + settings.passes + ': valid text in at most so many passes, the surest characters first.'
        + (over.length ? ' Means over the seeds.' : '')}),
      table(['set', 'texts', 'passes', 'rows read', 'per example', ...units.flatMap(name => [(name === 'bytes' ? 'byte' : unit) + ' accuracy', '95 % CI'])], rows, [1]));
  }

  function words() {
    const parent = section('Frequent ' + unit + 's and confusions');
    const charts = element('div', {class: 'charts'});
    parent.append(charts);
    for (const breakdown of breakdowns) {
      charts.append(element('figure', {}, element('figcaption', {text: breakdown.set + ': most frequent ' + unit + 's'}),
        table([unit, 'masked', 'accuracy'], breakdown.frequent.map(one => [word(one.gold), count(one.masked), percent(share(one.correct, one.masked))]))));
      charts.append(element('figure', {}, element('figcaption', {text: breakdown.set + ': most frequent confusions'}),
        table([unit, 'predicted', 'times'], breakdown.confusions.map(pair => [word(pair.gold), word(pair.predicted), count(pair.count)]), [1])));
    }
  }

  function filled(example) {
    const text = element('div', {class: 'text', lang: 'ja', tabindex: 0});
    const masked = example.masked_text;
    const wanted = example.spans.reduce((sum, span) => sum + span.end - span.start, 0);
    if (masked.split(data.mask).length - 1 !== wanted) {
      text.append(masked);
      return text;
    }
    let at = 0;
    for (const span of example.spans) {
      const next = masked.indexOf(data.mask, at);
      text.append(masked.slice(at, next), element('span', {class: span.correct ? '' : 'wrong'}, element('span', {class: 'gold', text: span.gold})));
      at = next + data.mask.length * (span.end - span.start);
    }
    text.append(masked.slice(at));
    return text;
  }

  function probabilities(span) {
    const bytes = span.byte_probabilities || [];
    return element('span', {class: 'bytes', role: 'img', title: 'probability ' + span.probability.toPrecision(2),
      'aria-label': 'probability ' + span.probability.toPrecision(2) + ', of the bytes ' + bytes.map(p => p.toFixed(2)).join(', ')},
      ...bytes.map(p => element('span', {style: '--p: ' + p.toFixed(3)})));
  }

  function pair(span) {
    return element('li', {class: span.correct ? 'right' : 'wrong'},
      element('span', {role: 'img', 'aria-label': span.correct ? 'right:' : 'wrong:', text: span.correct ? '✓ ' : '✗ '}), word(span.gold),
      span.correct ? null : ' → ', span.correct ? null : word(span.predicted),
      ' ', probabilities(span));
  }

  function examples() {
    for (const kind of ['worst', 'best']) {
      const own = data.examples.filter(example => example.kind === kind);
      if (own.length === 0) continue;
      const parent = section(kind === 'worst' ? 'Worst examples' : 'Best examples',
        'Underlined ' + unit + 's were masked, all at once; below them what was predicted in their place. Each box is a byte that was predicted: the fuller, the more probable the model held it.');
      for (const example of own) {
        const right = example.spans.filter(span => span.correct).length;
        parent.append(element('article', {},
          element('header', {text: [example.set, example.seed === undefined ? null : 'seed ' + example.seed, example.id, count(example.n_bytes) + ' bytes',
            right + ' of ' + example.spans.length + ' right'].filter(Boolean).join(' · ')}),
          filled(example),
          element('ul', {class: 'pairs', role: 'list', tabindex: 0, 'aria-label': 'gold and predicted'}, ...example.spans.map(pair))));
      }
    }
  }

  /** What is known about how a run was made, as texts. */
  function facts(run) {
    const all = new Map();
    const tell = (key, value) => all.set(key, typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
    for (const [key, value] of Object.entries(run.settings)) {
      if (key === 'model_settings') {
        for (const [name, setting] of Object.entries(value || {})) tell(name, setting.value + ' (' + (setting.origin || '') + ')');
      } else {
        tell(key, value);
      }
    }
    for (const key of ['code_version', 'spark_version', 'java_version', 'executors']) {
      if (run[key] !== undefined) tell(key, run[key]);
    }
    return all;
  }

  function provenance() {
    const list = element('dl');
    for (const [key, value] of facts(metrics)) {
      list.append(element('dt', {text: key}), element('dd', {text: value, tabindex: value.length > 300 ? 0 : null}));
    }
    section('Provenance').append(list);
  }

  function report() {
    document.title = settings.model + ' – byBERT-JP evaluation';
    content.append(element('h1', {text: 'Evaluation of ' + nameOf(settings.model)}),
      element('p', {text: 'Fingerprint ' + settings.model_fingerprint + ', mask rate ' + settings.mask_rate + (settings.seed === null ? '' : ', seed ' + settings.seed) + ', unit ' + unit
        + (settings.model_undecided ? '. The figures depend on a guess: some settings of the model are undecided.' : '')}));
    headline();
    if (sets.length > 0) {
      const parent = element('div', {class: 'charts'});
      section('Where the model is right', 'Share of ' + unit + 's of which every byte is right.').append(parent);
      bars(parent, 'characters', 'Accuracy by length in characters', 'characters', key => Number(key) === data.most_characters ? key + '+' : key);
      bars(parent, 'bytes', 'Accuracy by length in bytes', 'bytes', key => Number(key) === data.most_bytes ? key + '+' : key);
      bars(parent, 'script', 'Accuracy by script', 'script');
      bars(parent, 'part_of_speech', 'Accuracy by part of speech', 'part of speech');
      positions(parent);
      bars(parent, 'masked_share', 'Accuracy by share of the text that is masked', 'per cent of its bytes', key => key + '–' + (Number(key) + data.shares));
      calibration(parent);
      words();
      examples();
    } else {
      content.append(element('p', {text: 'No row could be scored: there is nothing to draw.'}));
    }
    provenance();
  }

  function comparison() {
    document.title = 'byBERT-JP comparison';
    const names = new Map(data.runs.map(run => [run.run, nameOf(run.settings.model) + ' (' + run.run + ')']));
    const rows = data.comparisons;
    content.append(element('h1', {text: 'Comparison with ' + names.get(data.runs[0].run)}),
      element('p', {text: 'All runs masked the same ' + unit + 's. Differences are in points, other less first, with 95 % intervals by a paired bootstrap over the examples.'}));
    const interval = one => one.low === null ? '-' : points(one.low) + ' to ' + points(one.high);
    const parent = section('Differences');
    parent.append(table(['set', 'run', 'examples', unit + 's', 'first', 'other', 'difference', '95 % CI', '', 'bytes', '95 % CI'],
      rows.map(({run, comparison: one}) => [one.set, names.get(run), count(one.examples), count(one.units), percent(one.unit.first), percent(one.unit.other),
        points(one.unit.difference), interval(one.unit), one.unit.verdict, points(one.bytes.difference), interval(one.bytes)]), [1, 8]));
    const label = ({run, comparison: one}) => one.set + (data.runs.length > 2 ? '\n' + nameOf(run) : '');
    const color = ({comparison: one}) => one.unit.verdict === 'better' ? '#2da44e' : one.unit.verdict === 'worse' ? '#db61a2' : '#6e7781';
    chart(parent, 'Difference of the ' + unit + ' accuracies', {
      grid: {left: 120, right: 32, top: 12, bottom: 48},
      legend: {show: false},
      tooltip: {show: false},
      xAxis: {type: 'value', name: 'points', nameLocation: 'middle', nameGap: 30},
      yAxis: {type: 'category', inverse: true, data: rows.map(label), axisLabel: {width: 110, overflow: 'truncate'}},
      series: rows.flatMap((row, i) => {
        const {difference, low, high} = row.comparison.unit;
        const itemStyle = {color: color(row)};
        return [
          {type: 'line', symbol: 'none', lineStyle: {color: color(row), width: 3}, data: low === null ? [] : [[100 * low, i], [100 * high, i]]},
          {type: 'scatter', symbolSize: 12, itemStyle, data: [[100 * difference, i]],
            markLine: i > 0 ? undefined : {symbol: 'none', silent: true, label: {show: false}, lineStyle: {type: 'dashed', color: '#8b949e'}, data: [{xAxis: 0}]}}];
      })
    }, table(['set', 'run', 'points', '95 % CI'], rows.map(({run, comparison: one}) => [one.set, names.get(run), points(one.unit.difference), interval(one.unit)]), [1]));
    charts[0].place.style.height = Math.max(18, 3 * rows.length + 5) + 'rem';
    const each = element('div', {class: 'charts'});
    section(unit.replace(/^./, first => first.toUpperCase()) + 's that only one gets right').append(each);
    for (const {run, comparison: one} of rows) {
      each.append(element('figure', {}, element('figcaption', {text: one.set + ': ' + names.get(run)}),
        element('p', {text: 'Only the first: ' + count(one.only_first) + ', only the other: ' + count(one.only_other)}),
        one.words.length === 0 ? null : table([unit, 'only first', 'only other'], one.words.map(pair => [word(pair.gold), count(pair.only_first), count(pair.only_other)]))));
    }
    const all = data.runs.map(facts);
    const keys = [...new Set(all.flatMap(known => [...known.keys()]))].filter(key => new Set(all.map(known => known.get(key))).size > 1
      || ['model', 'model_fingerprint', 'mask_rate', 'seed'].includes(key));
    section('Provenance', 'What differs, and what is masked.').append(element('div', {class: 'facts'}, table(['', ...data.runs.map(run => run.run)],
      keys.map(key => [key, ...all.map(known => known.get(key) ?? '')]), data.runs.map((run, i) => i + 1))));
  }

  if (data.comparisons) comparison(); else report();
  draw();
  for (const query of [dark, printing]) query.addEventListener('change', draw);
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) draw();
    width = innerWidth;
  });
})();
